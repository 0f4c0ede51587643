//! Which of the sample services is at which path; what each of them answers is decided in its own module.

use crate::mount::{Head, Missing, Mount, Step};
use crate::{attachment, json, products, soap, unifeed};

/// The sample services of one server: JSON, SOAP, attachments and Unifeed.
#[derive(Clone, Debug)]
pub struct SampleServices {
    /// Without a slash at the end.
    url: String,
    port: u16,
}

impl SampleServices {
    /// The services of a server at this URL, which has no slash at its end, and port of this machine.
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
    }

    fn parameter(&self, name: &str) -> Option<&'static str> {
        products::parameter(name)
    }
}
