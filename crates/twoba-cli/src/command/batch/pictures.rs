//! The pictures of a product, saved beside its row.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use http::{Request, Response, Uri, header};
use tempfile::NamedTempFile;
use twoba_blocking::{GetError, Service};
use twoba_core::Provider;
use twoba_services::{
    CallError, Function, Picture, ProductAttachments, ServiceError, ServiceErrorKind, Thumbnail,
};

use super::line::{members, text};
use crate::failure::{Failure, Kind};

/// The attachments that are pictures of a product.
const TYPES: [&str; 2] = ["PPI", "PHI"];

/// The most pictures of one product, and the longest part of a file's name that a service says.
const PICTURES_MAX: usize = 50;
const NAME_MAX: usize = 80;

/// The most digits of a GTIN.
const GTIN_MAX: usize = 14;

/// Why the pictures of a row are not there.
pub(super) enum Missing {
    Get(GetError),
    /// A picture cannot be written.
    File(Failure),
    /// An attachment says no address that can be asked.
    Address,
}

/// Where pictures go.
#[derive(Debug)]
pub(super) struct Pictures {
    folder: PathBuf,
}

/// What is known of the product whose pictures are wanted.
pub(super) struct Wanted<'w> {
    pub(super) row: u64,
    pub(super) answer: &'w str,
    /// The maker's GLN and code, where the row asked by them.
    pub(super) asked: (Option<&'w str>, Option<&'w str>),
}

impl Pictures {
    /// The folder, made where it is missing.
    pub(super) fn into(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Saves the pictures of a product that are not there yet: its thumbnail, and its attachments that
    /// are pictures. The names of the files.
    pub(super) fn fetch(
        &self,
        service: &Service,
        provider: &Provider,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<String>, Missing> {
        let answer = members(wanted.answer);
        let member = |name: &str| {
            answer
                .find(name)
                .map(text)
                .filter(|found| !found.is_empty())
        };
        let id = member("Id").and_then(|id| id.parse::<u64>().ok());
        let stem = stem(member("GTIN").as_deref(), id, wanted.row);
        let given = |name: &str, asked: Option<&str>| member(name).or(asked.map(str::to_owned));
        let gln = given("ManufacturerGLN", wanted.asked.0);
        let code = given("Productcode", wanted.asked.1);
        let mut names = Vec::new();
        if let (Some(gln), Some(code)) = (gln, code) {
            let name = format!("{stem}-thumbnail");
            names.extend(self.saved(&name, || there(service.ask(&Thumbnail::new(gln, code))))?);
        }
        let Some(id) = id else {
            return Ok(names);
        };
        let question = ProductAttachments::new(id).with_types(TYPES.map(str::to_owned));
        let listed = there(service.ask(&question))?.unwrap_or_default();
        for (place, one) in listed.iter().take(PICTURES_MAX).enumerate() {
            let Some(url) = &one.url else {
                continue;
            };
            let uri: Uri = url.parse().map_err(|_| Missing::Address)?;
            // The token goes to the provider's own services only, and nobody else is asked.
            if !provider.serves(&uri) {
                continue;
            }
            let said = one.file_name.as_deref().or(one.kind.as_deref());
            let name = format!(
                "{stem}-{}-{}",
                place + 1,
                harmless(said.unwrap_or_default())
            );
            names.extend(self.saved(&name, || there(service.ask(&PictureAt(uri))))?);
        }
        Ok(names)
    }

    /// The name of the file, which is fetched if it is not there.
    fn saved(
        &self,
        name: &str,
        fetch: impl FnOnce() -> Result<Option<Picture>, Missing>,
    ) -> Result<Option<String>, Missing> {
        let (name, known) = match name.rsplit_once('.') {
            Some((name, end)) if ENDS.iter().any(|(_, known)| *known == end) => (name, Some(end)),
            Some(_) | None => (name, None),
        };
        let ends = ENDS.iter().map(|(_, end)| *end).chain(["bin"]);
        let file = |end: &str| format!("{name}.{end}");
        if let Some(end) = ends
            .filter(|end| known.is_none_or(|known| known == *end))
            .find(|end| self.folder.join(file(end)).is_file())
        {
            return Ok(Some(file(end)));
        }
        let Some(picture) = fetch()? else {
            return Ok(None);
        };
        let by_type = ENDS.iter().find(|(kind, _)| *kind == picture.media_type);
        let file = file(known.or(by_type.map(|(_, end)| *end)).unwrap_or("bin"));
        let path = self.folder.join(&file);
        let write = || -> io::Result<()> {
            // Whole or not at all.
            let mut temporary = NamedTempFile::new_in(&self.folder)?;
            temporary.write_all(&picture.bytes)?;
            temporary.persist(&path).map(drop).map_err(io::Error::from)
        };
        write().map_err(|error| Missing::File(unwritable(&path, &error)))?;
        Ok(Some(file))
    }
}

/// Kinds of pictures, and how the names of their files end.
const ENDS: [(&str, &str); 7] = [
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/jpeg", "jpeg"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("image/svg+xml", "svg"),
    ("image/tiff", "tif"),
];

/// A picture at an address of the provider's services.
struct PictureAt(Uri);

impl Function for PictureAt {
    type Answer = Picture;

    fn request(&self, _: &Provider) -> Result<Request<Vec<u8>>, CallError> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = self.0.clone();
        let wanted = header::HeaderValue::from_static("image/*");
        request.headers_mut().insert(header::ACCEPT, wanted);
        Ok(request)
    }

    fn judge(&self, response: &Response<Vec<u8>>) -> Result<Picture, ServiceError> {
        // Whatever is a picture there is one here.
        Thumbnail::new("", "").judge(response)
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

/// What the service has: a product without pictures is none that failed.
fn there<T>(asked: Result<T, GetError>) -> Result<Option<T>, Missing> {
    match asked {
        Ok(found) => Ok(Some(found)),
        Err(GetError::Service(ServiceError {
            kind: ServiceErrorKind::Refused,
            status: 404,
            ..
        })) => Ok(None),
        Err(error) => Err(Missing::Get(error)),
    }
}

/// What the names of a product's pictures begin with. A service may say anything for a GTIN.
fn stem(gtin: Option<&str>, id: Option<u64>, row: u64) -> String {
    let is_usable =
        |gtin: &&str| gtin.len() <= GTIN_MAX && gtin.bytes().all(|byte| byte.is_ascii_digit());
    match (gtin.filter(is_usable), id) {
        (Some(gtin), _) => gtin.to_owned(),
        (None, Some(id)) => id.to_string(),
        (None, None) => format!("row-{row}"),
    }
}

/// A name that a service says, as a part of a file's name here.
fn harmless(name: &str) -> String {
    let harmless = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() => letter,
        '.' | '-' | '_' => letter,
        _ => '_',
    };
    let letters: Vec<char> = name.chars().map(harmless).collect();
    let cut = letters.len().saturating_sub(NAME_MAX);
    letters.into_iter().skip(cut).collect()
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Kind::Other,
        format!("cannot write {}: {error}", path.display()),
    )
    .advise("make room or mend the folder, and run the same command again: it goes on where it was")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_service_calls_a_gtin_makes_a_name_that_a_file_can_have() {
        let long = "0".repeat(5000);
        for (gtin, id, name) in [
            (Some("02008710001001"), Some(7), "02008710001001"),
            (Some(long.as_str()), Some(7), "7"),
            (Some("../1"), Some(7), "7"),
            (Some(long.as_str()), None, "row-3"),
            (None, None, "row-3"),
        ] {
            assert_eq!(stem(gtin, id, 3), name);
        }
    }

    #[test]
    fn a_name_that_a_service_says_leads_nowhere_else() {
        for (said, name) in [
            ("KG 60/40.png", "KG_60_40.png"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("a\0b\\c:d\u{e9}", "a_b_c_d_"),
            ("", ""),
        ] {
            assert_eq!(harmless(said), name);
        }
        let long = format!("{}.png", "x".repeat(500));
        assert_eq!(harmless(&long).len(), NAME_MAX);
        assert!(harmless(&long).ends_with("x.png"));
    }
}
