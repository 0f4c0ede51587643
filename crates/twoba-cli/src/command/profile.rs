//! `twoba profile`: the profiles of the configuration file, the current one with its settings, and
//! the default one.

use serde_json::{Map, Value, json};

use crate::arguments::{Global, Profile};
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::{self, Shown};

pub(crate) fn run(arguments: &Profile, global: &Global, output: &Output) -> Result<(), Failure> {
    match arguments {
        Profile::List => list(global, output),
        Profile::Show { name } => show(name.as_ref(), global, output),
        Profile::Use { name } => choose(name, output),
    }
}

fn list(global: &Global, output: &Output) -> Result<(), Failure> {
    let config = settings::config()?;
    // Where none counts, all the same a list is what was asked for.
    let counts = settings::chosen(global, global.profile.as_ref()).ok();
    let is_in_use = |name: &str| counts.as_ref().is_some_and(|counts| counts.name == name);
    if output.json {
        let rows = config
            .names()
            .map(|name| json!({"name": name, "in_use": is_in_use(name)}));
        return output.json_result(&Value::from_iter(rows));
    }
    if config.names().next().is_none() {
        output.note(&format!("no profile stands in {}", config.path().display()));
    }
    for name in config.names() {
        let mark = if is_in_use(name) { '*' } else { ' ' };
        output.result(&format!("{mark} {name}"))?;
    }
    Ok(())
}

fn show(name: Option<&String>, global: &Global, output: &Output) -> Result<(), Failure> {
    let (name, shown) = settings::shown(global, name)?;
    if output.json {
        let settings = shown.iter().map(|one| {
            let told = json!({"value": one.value, "origin": one.origin.to_string()});
            (one.name.to_owned(), told)
        });
        let settings: Map<_, _> = settings.collect();
        return output.json_result(&json!({"profile": name, "settings": settings}));
    }
    let width = |of: fn(&Shown) -> usize| shown.iter().map(of).max().unwrap_or_default();
    let names = width(|one| one.name.len());
    let values = width(|one| one.value.chars().count());
    let head = format!("{:<names$}  {name}", "profile");
    let rows = shown.iter().map(|one| {
        format!(
            "{:<names$}  {:<values$}  {}",
            one.name, one.value, one.origin
        )
    });
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    output.result(&lines.join("\n"))
}

fn choose(name: &str, output: &Output) -> Result<(), Failure> {
    settings::make_default(name)?;
    output.note(&format!("{name} is the default profile"));
    if let Some(other) = settings::variable("TWOBA_PROFILE").filter(|other| other != name) {
        output.note(&format!("here TWOBA_PROFILE still names {other}: unset it"));
    }
    if settings::variable("TWOBA_CLIENT_ID").is_some() {
        output.note("here TWOBA_CLIENT_ID is set, and wins over what the profile says");
    }
    Ok(())
}
