//! The walls on small samples of `cargo metadata`.

use serde_json::{Value, json};

use super::*;
use crate::graph::walls;

/// A package with dependencies given as `name` or `dev:name`.
fn package(name: &str, dependencies: &[&str]) -> Value {
    let dependency = |word: &&str| {
        let (name, kind) = match word.strip_prefix("dev:") {
            Some(name) => (name, Some("dev")),
            None => (*word, None),
        };
        json!({"name": name, "kind": kind, "req": "*", "optional": false,
            "uses_default_features": true, "features": []})
    };
    json!({"id": name, "name": name, "version": "0.1.0", "targets": [], "features": {},
        "manifest_path": format!("crates/{name}/Cargo.toml"),
        "dependencies": dependencies.iter().map(dependency).collect::<Vec<_>>()})
}

/// What is wrong in a workspace of these packages, where every dependency resolves to the package of its name.
fn faults(ours: &[Value], foreign: &[Value]) -> Vec<String> {
    let packages: Vec<Value> = ours.iter().chain(foreign).cloned().collect();
    let edge = |to: &Value| json!({"name": to["name"], "pkg": to["name"], "dep_kinds": [{"kind": to["kind"]}]});
    let node = |package: &Value| {
        let edges: Vec<Value> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(edge)
            .collect();
        json!({"id": package["id"], "deps": edges, "dependencies": []})
    };
    let metadata = json!({
        "resolve": {"nodes": packages.iter().map(node).collect::<Vec<_>>(), "root": null},
        "workspace_members": ours.iter().map(|package| &package["id"]).collect::<Vec<_>>(),
        "packages": packages, "version": 1, "workspace_root": "", "target_directory": "target",
    });
    let metadata = serde_json::from_value(metadata).unwrap();
    let faults = judge(&metadata, &walls::read().unwrap());
    faults.into_iter().map(|fault| fault.what).collect()
}

fn leaf(name: &str) -> Value {
    package(name, &[])
}

#[test]
fn allowed_edges_pass() {
    let ours = [
        package("twoba-core", &["http", "dev:twoba-testkit"]),
        package("twoba-store", &["twoba-core", "dev:insta"]),
        package("twoba-testkit", &["http"]),
        package("twoba-tests", &["twoba-testkit", "twoba-store"]),
        package("xtask", &["anyhow"]),
    ];
    let foreign = [leaf("http"), leaf("insta"), leaf("anyhow")];
    assert_eq!(faults(&ours, &foreign), Vec::<String>::new());
}

#[test]
fn an_edge_to_another_crate_of_ours_names_its_wall() {
    let ours = [package("twoba-core", &["twoba-store"]), leaf("twoba-store")];
    let faults = faults(&ours, &[]);
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].starts_with("twoba-core -> twoba-store: the core is what everything stands on")
    );
}

#[test]
fn a_foreign_crate_has_to_be_listed() {
    let faults = faults(&[package("twoba-core", &["rand"])], &[leaf("rand")]);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("twoba-core -> rand: not among the crates"));
}

#[test]
fn the_emulator_reaches_the_core_by_no_way() {
    let ours = [
        package("twoba-emulator", &["dev:twoba-testkit"]),
        package("twoba-testkit", &["twoba-core"]),
        leaf("twoba-core"),
    ];
    let faults = faults(&ours, &[]);
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("twoba-emulator -> twoba-testkit -> twoba-core: "))
    );
}

#[test]
fn dev_dependencies_of_others_are_no_way() {
    let ours = [
        package("twoba-emulator", &["dev:twoba-testkit"]),
        package("twoba-testkit", &["http"]),
        leaf("twoba-core"),
    ];
    let foreign = [package("http", &["dev:twoba-core"])];
    assert_eq!(faults(&ours, &foreign), Vec::<String>::new());
}

#[test]
fn test_helpers_are_never_shipped() {
    let ours = [
        package("twoba-store", &["twoba-testkit"]),
        leaf("twoba-testkit"),
    ];
    let faults = faults(&ours, &[]);
    assert!(faults[0].contains("make it a dev-dependency"));
}

#[test]
fn a_test_that_needs_more_belongs_elsewhere() {
    let ours = [
        package("twoba-store", &["dev:twoba-blocking"]),
        leaf("twoba-blocking"),
    ];
    assert!(faults(&ours, &[])[0].contains("belongs in the package twoba-tests"));
}

#[test]
fn the_chores_know_nothing_of_ours() {
    let ours = [
        package("xtask", &["dev:twoba-testkit"]),
        leaf("twoba-testkit"),
    ];
    assert!(faults(&ours, &[])[0].contains("have to build when nothing else does"));
}

#[test]
fn the_core_never_reaches_url_parsing() {
    let core = [package("twoba-core", &["http"])];
    let foreign = [
        package("http", &["url"]),
        package("url", &["icu_properties"]),
        leaf("icu_properties"),
    ];
    let faults = faults(&core, &foreign);
    assert_eq!(faults.len(), 2);
    assert!(faults[0].starts_with("twoba-core -> http -> url -> icu_properties: "));
    assert!(faults[1].starts_with("twoba-core -> http -> url: it rewrites"));
}

#[test]
fn the_core_stays_light() {
    let names: Vec<String> = (0..40).map(|n| format!("part-{n}")).collect();
    let parts: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut foreign: Vec<Value> = names.iter().map(|name| leaf(name)).collect();
    foreign.push(package("http", &parts));
    let faults = faults(&[package("twoba-core", &["http"])], &foreign);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("twoba-core and what it needs are 42 crates, at most 40"));
}

#[test]
fn a_new_crate_needs_a_row() {
    assert!(faults(&[leaf("twoba-new")], &[])[0].contains("add one in xtask/walls.toml"));
}
