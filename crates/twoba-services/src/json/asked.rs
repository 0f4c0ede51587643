//! The questions that have types, asked by JSON.

use http::{Request, Response, header};
use serde_json::Deserializer;
use serde_json::de::SliceRead;
use twoba_core::{Provider, is_json};

use super::JsonCall;
use crate::error::{CallError, ServiceError, ServiceErrorKind};
use crate::function::Function;
use crate::picture::Picture;
use crate::products::{
    Attachment, Filters, Participants, Product, SearchAnswer, TradeItem, TradeItems,
};
use crate::question::{
    Ask, FilterFeatures, ParticipantList, ProductAttachments, ProductByCode, ProductByGtin,
    ProductByTradeItem, ProductDetails, ProductDetailsForProduct, ProductForDrawing, ProductSearch,
    Thumbnail, TradeItemByCode, TradeItemsOf,
};
use crate::record::Member;
use crate::refusal::{self, Said};

/// The call that asks a question.
fn call(question: &impl Ask) -> JsonCall {
    fn of<Q: Ask>(question: &Q) -> JsonCall {
        let values = question.values().into_iter();
        JsonCall {
            function: Q::KNOWN.name.to_owned(),
            parameters: values
                .map(|(name, value)| (name.to_owned(), value.in_query()))
                .collect(),
            callback: None,
        }
    }
    of(question)
}

fn read<'r, T: Member<'r>>(reader: &mut Deserializer<SliceRead<'r>>) -> serde_json::Result<T> {
    T::read(reader)
}

macro_rules! asked_by_json {
    ($($question:ty => $answer:ty;)*) => {$(
        impl Function for $question {
            type Answer = $answer;

            fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
                call(self).request(provider)
            }

            fn judge(&self, response: &Response<Vec<u8>>) -> Result<$answer, ServiceError> {
                call(self).read_by(response, read)
            }

            fn is_repeatable(&self) -> bool {
                true
            }
        }
    )*};
}

asked_by_json! {
    ProductSearch => SearchAnswer;
    ProductDetailsForProduct => Product;
    ProductByGtin => Product;
    ProductByCode => Product;
    ProductByTradeItem => Product;
    ProductForDrawing => Product;
    ProductAttachments => Vec<Attachment>;
    TradeItemsOf => TradeItems;
    TradeItemByCode => TradeItem;
    FilterFeatures => Filters;
    ParticipantList => Participants;
}

/// The GTIN stands in the path.
impl ProductDetails {
    fn call(&self) -> JsonCall {
        let mut call = call(self);
        for (_, gtin) in std::mem::take(&mut call.parameters) {
            call.function = format!("{}/{gtin}", call.function);
        }
        call
    }
}

impl Function for ProductDetails {
    type Answer = Product;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        self.call().request(provider)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<Product, ServiceError> {
        self.call().read_by(response, read)
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

impl Function for Thumbnail {
    type Answer = Picture;

    fn request(&self, provider: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        let mut request = call(self).request(provider)?;
        // An error comes as JSON all the same.
        let wanted = header::HeaderValue::from_static("image/*, application/json");
        request.headers_mut().insert(header::ACCEPT, wanted);
        Ok(request)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<Picture, ServiceError> {
        let call = call(self);
        let (status, body) = (response.status(), response.body());
        if !status.is_success() || is_json(response.headers()) {
            let said = serde_json::from_slice(body).ok().as_ref().map(Said::by);
            let unreadable = ServiceErrorKind::NotAPicture;
            let mut error = refusal::error(status.as_u16(), said, unreadable);
            if status.is_success() && !refusal::is_error_object(body) {
                error.kind = unreadable;
            }
            return Err(call.told(error, response));
        }
        let said = response.headers().get(header::CONTENT_TYPE);
        let media_type = match said {
            Some(said) => said.to_str().unwrap_or_default(),
            None => Picture::ANY,
        };
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let is_picture = media_type
            .get(..6)
            .is_some_and(|kind| kind.eq_ignore_ascii_case("image/"))
            || media_type.eq_ignore_ascii_case(Picture::ANY);
        if !is_picture
            || body.is_empty()
            || response.headers().contains_key(header::CONTENT_ENCODING)
        {
            let error = ServiceError::bare(ServiceErrorKind::NotAPicture, status.as_u16());
            return Err(call.told(error, response));
        }
        Ok(Picture::new(media_type.to_ascii_lowercase(), body.clone()))
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
