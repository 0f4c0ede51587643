//! The file of services: `[NAME]`, and below it the settings of a database, as `psql` reads them.

use std::fs;
use std::path::PathBuf;

use super::error::{AddressError, Settings};

/// The settings of a service.
pub(super) fn settings(
    name: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, AddressError> {
    let path = variable("PGSERVICEFILE").map(PathBuf::from);
    let path = path.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".pg_service.conf")));
    let path = path.ok_or_else(|| AddressError::setting("service", "there is no PGSERVICEFILE"))?;
    let text = fs::read_to_string(&path).map_err(|cause| AddressError::File {
        path: path.clone(),
        why: cause.to_string(),
    })?;
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if let Some(title) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            found = (title.trim_end_matches(']') == name).then(Settings::new);
        } else if let (Some(settings), Some((name, value))) = (&mut found, line.split_once('='))
            && !line.starts_with('#')
        {
            settings.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    found.ok_or_else(|| AddressError::NoService {
        name: name.to_owned(),
        path,
    })
}
