//! The files behind the links of attachments. Pages follow them without a token, as they do with
//! pictures.

use crate::answer::Answer;
use crate::form;
use crate::mount::{Head, Missing, Step};
use crate::products::{Size, of_maker, picture};

pub(crate) fn begin<'r>(path: &str, head: Head<'r>) -> Result<Step<'r>, Missing> {
    head.reading()?;
    let picture = file(path).ok_or(Missing::Path)?;
    Ok(Step::open_page(Answer::png(picture)))
}

fn file(path: &str) -> Option<&'static [u8]> {
    let (gln, name) = path.split_once('/')?;
    let (code, kind) = name.strip_suffix(".png")?.rsplit_once('-')?;
    let size = [Size::Plain, Size::Large]
        .into_iter()
        .find(|size| size.kind() == kind)?;
    let code = form::decode(code.as_bytes()).ok()?;
    picture(of_maker(gln, &code)?, size)
}
