//! Finds the sample service for each path.

use crate::mount::{Head, Missing, Mount, Step};
use crate::{apix, attachment, json, product_data, products, soap, unifeed};

/// The sample services of one server: JSON, SOAP, ApiX, attachments, Unifeed and Product Data.
#[derive(Clone, Debug)]
pub struct SampleServices {
    /// The address, without a slash at the end.
    url: String,
    port: u16,
}

impl SampleServices {
    /// Makes the services of a server at this URL, without a slash at its end, and at this port of
    /// the machine.
    #[must_use]
    pub fn new(url: impl Into<String>, port: u16) -> Self {
        let url = url.into();
        Self { url, port }
    }
}

impl Mount for SampleServices {
    fn begin<'r>(&'r self, head: Head<'r>) -> Result<Step<'r>, Missing> {
        if let Some(function) = head.path.strip_prefix("/1/json/") {
            Ok(Step::Asked(json::asked(&self.url, function, head)))
        } else if let Some(service) = head.path.strip_prefix("/1/soap/") {
            soap::begin(&self.url, service, head)
        } else if let Some(path) = head.path.strip_prefix(product_data::BASE) {
            product_data::begin(&self.url, path, head)
        } else if let Some(path) = head.path.strip_prefix(apix::BASE) {
            apix::begin(&self.url, path, head)
        } else if let Some(file) = head.path.strip_prefix("/attachments/") {
            attachment::begin(file, head)
        } else if let Some(below) = head.path.strip_prefix("/unifeed") {
            unifeed::begin(self.port, below, head)
        } else {
            Err(Missing::Path)
        }
    }

    fn is_named_by(&self, segment: &str) -> bool {
        products::is_named_by(segment)
            || product_data::is_named_by(segment)
            || apix::is_named_by(segment)
    }

    fn parameter(&self, name: &str) -> Option<&'static str> {
        products::parameter(name)
            .or_else(|| product_data::parameter(name))
            .or_else(|| apix::parameter(name))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;
    use crate::answer::{Answer, Happened};
    use crate::caller::{Caller, Proof, Unauthorized, Verdict};
    use crate::form::Parameters;
    use crate::mount::{Asked, Subject, Unread, Work};

    /// The next thing that a request needs, in words.
    fn needed(method: &Method, path: &str) -> String {
        let (services, query) = (
            SampleServices::new("http://127.0.0.1:1", 1),
            Parameters::default(),
        );
        let headers = HeaderMap::new();
        match services.begin(head(method, path, &query, &headers)) {
            Ok(Step::Asked(Asked { subject, work })) => match work {
                Work::Judge(proof, _) => format!("{subject:?} by {proof:?}"),
                Work::Done(answer) => format!("{subject:?} {}", answer.status),
            },
            Ok(Step::Body(_)) => "a body".to_owned(),
            Ok(Step::Form(_)) => "a form".to_owned(),
            Err(missing) => format!("{missing:?}"),
        }
    }

    fn head<'r>(
        method: &'r Method,
        path: &'r str,
        query: &'r Parameters,
        headers: &'r HeaderMap,
    ) -> Head<'r> {
        Head {
            method,
            path,
            query: Ok(query),
            headers,
            is_foreign: false,
        }
    }

    #[test]
    fn every_path_says_what_it_needs_of_a_request() {
        let (get, post) = (Method::GET, Method::POST);
        for (method, path, expected) in [
            (
                &get,
                "/1/json/product/search",
                r#"Function(Some("Product/Search")) by Header"#,
            ),
            (
                &get,
                "/1/json/Participant/List",
                r#"Function(Some("Participant/List")) by HeaderIfAny"#,
            ),
            (&get, "/1/json/Nothing", "Function(None) by Header"),
            (&post, "/1/soap/Product", "a body"),
            (&get, "/1/soap/Product", r#"Method("POST")"#),
            (&get, "/1/soap/Nothing", "Path"),
            (
                &get,
                "/attachments/2008710000011/KG-60040-W-PPI.png",
                "Page 200",
            ),
            (&post, "/attachments/", r#"Method("GET, HEAD")"#),
            (&get, "/attachments/", "Path"),
            (
                &get,
                "/rest/api/v1/products/bulk/details",
                r#"Function(Some("products/bulk/details")) by Header"#,
            ),
            (
                &post,
                "/rest/api/v1/products/bulk/details",
                r#"Method("GET, HEAD")"#,
            ),
            (&get, "/rest/api/v1/products/bulk", "Path"),
            (
                &get,
                "/apix/api/v1/product/7",
                r#"Function(Some("apix/Product/{id}")) by Header"#,
            ),
            (
                &get,
                "/apix/api/v1/Product/Thumbnail",
                r#"Function(Some("apix/Product/ThumbNail")) by HeaderIfAny"#,
            ),
            (&post, "/apix/api/v1/Product/Search", "a body"),
            (&get, "/apix/api/v1/Product/Search", r#"Method("POST")"#),
            (&post, "/apix/api/v1/Product/7", r#"Method("GET, HEAD")"#),
            (&get, "/apix/api/v1/Product", "Path"),
            (&get, "/apix/api/v1/etim/Class/a/b", "Path"),
            (&get, "/unifeed", "Page by Link"),
            (&post, "/unifeed/", "a form"),
            (&Method::PUT, "/unifeed/", r#"Method("GET, HEAD, POST")"#),
            (&get, "/unifeed/interface/JSON", "Page 200"),
            (&get, "/unifeedish", "Path"),
            (&get, "/", "Path"),
        ] {
            assert_eq!(needed(method, path), expected, "{method} {path}");
        }
    }

    /// Opens Unifeed, with this verdict on the caller.
    fn opened(verdict: Verdict) -> Answer {
        let services = SampleServices::new("http://127.0.0.1:1", 1);
        let (query, headers) = (Parameters::parse(b"q=pomp").unwrap(), HeaderMap::new());
        match services.begin(head(&Method::GET, "/unifeed/", &query, &headers)) {
            Ok(Step::Asked(Asked {
                subject: Subject::Page,
                work: Work::Judge(Proof::Link, then),
            })) => then.with(verdict),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_verdict_decides_what_is_answered() {
        let good = opened(Ok(Some(Caller {
            fingerprint: "0123456789ab".to_owned(),
            family: "f1".to_owned(),
            generation: 0,
            scopes: Vec::new(),
        })));
        assert_eq!(good.status, 200);
        assert!(format!("{:?}", good.content).contains("0123456789ab"));
        let bad = opened(Err(Unauthorized::Expired));
        assert_eq!(bad.status, 401);
        let opened = Happened::Opened {
            interface_type: None,
        };
        assert_eq!((good.happened, bad.happened), (Some(opened), Some(opened)));
    }

    #[test]
    fn a_body_that_cannot_be_read_is_a_call_of_nobody_knows_what() {
        let services = SampleServices::new("http://127.0.0.1:1", 1);
        let (query, headers) = (Parameters::default(), HeaderMap::new());
        let step = services.begin(head(&Method::POST, "/1/soap/Product", &query, &headers));
        let Ok(Step::Body(then)) = step else {
            panic!("no body is asked for");
        };
        let asked = then.with(Err(Unread {
            status: 413,
            reason: "the body is over 1 MiB",
        }));
        assert_eq!(asked.subject, Subject::Function(None));
        let Work::Judge(Proof::Header, then) = asked.work else {
            panic!("nobody is judged");
        };
        assert_eq!(then.with(Ok(None)).status, 413);
    }
}
