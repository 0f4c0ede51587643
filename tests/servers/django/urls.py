"""What the interop server answers: the endpoints of django-oauth-toolkit, a login page, one resource."""

from django.contrib.auth.views import LoginView
from django.http import JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_GET
from oauth2_provider import urls as toolkit
from oauth2_provider.decorators import protected_resource_metadata


@require_GET
@protected_resource_metadata(scopes=["read"])
def search(request):
    """A product search in the manner of 2BA's; the product is invented."""
    product = {"Id": 1, "Description": request.GET.get("query", ""), "Productcode": "KG-60"}
    return JsonResponse({"Products": [product], "User": request.resource_owner.username})


urlpatterns = [
    path("accounts/login/", LoginView.as_view()),
    path("o/", include((toolkit.base_urlpatterns, "oauth2_provider"))),
    # The metadata stands at the origin's root, the issuer's path behind it (RFC 8414 section 3).
    path("", include((toolkit.metadata_urlpatterns, "oauth2_provider"), namespace="metadata")),
    path("1/json/Product/Search", search),
]
