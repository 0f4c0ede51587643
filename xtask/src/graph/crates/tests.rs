//! The walls on small samples of `cargo metadata`.

use serde_json::{Value, json};

use super::*;
use crate::graph::walls;

/// A package, given as `name: dependency dev:dependency ..`.
fn package(line: &str) -> Value {
    let (name, dependencies) = line.split_once(':').unwrap_or((line, ""));
    let dependency = |word: &str| {
        let (name, kind) = match word.strip_prefix("dev:") {
            Some(name) => (name, Some("dev")),
            None => (word, None),
        };
        json!({"name": name, "kind": kind, "req": "*", "optional": false,
            "uses_default_features": true, "features": []})
    };
    let dependencies: Vec<Value> = dependencies.split_whitespace().map(dependency).collect();
    json!({"id": name, "name": name, "version": "0.1.0", "targets": [], "features": {},
        "manifest_path": format!("crates/{name}/Cargo.toml"), "dependencies": dependencies})
}

/// How a package resolves: every dependency to the package of its name.
fn node(package: &Value) -> Value {
    let edge = |to: &Value| json!({"name": to["name"], "pkg": to["name"], "dep_kinds": [{"kind": to["kind"]}]});
    let edges = package["dependencies"].as_array().unwrap().iter().map(edge);
    json!({"id": package["id"], "deps": edges.collect::<Vec<_>>(), "dependencies": []})
}

/// Judges a workspace of these packages and crates of others; each fault has to begin as expected.
#[track_caller]
fn check(ours: &[&str], foreign: &[&str], expected: &[&str]) {
    let packages = ours.iter().chain(foreign).map(|line| package(line));
    let packages: Vec<Value> = packages.collect();
    let ids: Vec<&Value> = packages.iter().map(|package| &package["id"]).collect();
    let metadata = json!({
        "resolve": {"nodes": packages.iter().map(node).collect::<Vec<_>>(), "root": null},
        "workspace_members": ids[..ours.len()], "packages": packages,
        "version": 1, "workspace_root": "", "target_directory": "target",
    });
    let metadata = serde_json::from_value(metadata).unwrap();
    let faults = judge(&metadata, &walls::read().unwrap());
    assert_eq!(faults.len(), expected.len(), "{faults:?}");
    for (fault, expected) in faults.iter().zip(expected) {
        assert!(fault.what.starts_with(expected), "{}", fault.what);
    }
}

#[test]
fn allowed_edges_pass() {
    let ours = [
        "twoba-core: http dev:twoba-testkit",
        "twoba-store: twoba-core dev:insta",
        "twoba-testkit: http",
        "twoba-tests: twoba-testkit twoba-store",
        "xtask: anyhow",
    ];
    check(&ours, &["http", "insta", "anyhow"], &[]);
}

#[test]
fn an_edge_that_is_not_in_the_table_names_its_wall() {
    let why = "twoba-core -> twoba-store: the core is what everything stands on";
    check(&["twoba-core: twoba-store", "twoba-store"], &[], &[why]);
    let why = "twoba-core -> rand: not among the crates it may use (http,";
    check(&["twoba-core: rand"], &["rand"], &[why]);
    let why = "`twoba-new` has no row among the walls; add one in xtask/walls.toml";
    check(&["twoba-new"], &[], &[why]);
}

#[test]
fn the_emulator_reaches_the_core_by_no_way() {
    let emulator = "twoba-emulator: dev:twoba-testkit";
    let way = "twoba-emulator -> twoba-testkit -> twoba-core: an oracle must not";
    let testkit = "twoba-testkit -> twoba-core: every crate tests with it";
    let ours = [emulator, "twoba-testkit: twoba-core", "twoba-core"];
    check(&ours, &[], &[way, testkit]);
    // Dev-dependencies of others are no way.
    let ours = [emulator, "twoba-testkit: http", "twoba-core"];
    check(&ours, &["http: dev:twoba-core"], &[]);
}

#[test]
fn test_helpers_are_never_shipped() {
    let why = "twoba-store -> twoba-testkit: test helpers must never be shipped; make it a dev";
    check(
        &["twoba-store: twoba-testkit", "twoba-testkit"],
        &[],
        &[why],
    );
}

#[test]
fn a_test_that_needs_more_belongs_elsewhere() {
    let why = "twoba-store -> twoba-blocking (dev): a test that needs more";
    let ours = ["twoba-store: dev:twoba-blocking", "twoba-blocking"];
    check(&ours, &[], &[why]);
    let why = "xtask -> twoba-testkit (dev): the chores have to build when nothing else does";
    check(&["xtask: dev:twoba-testkit", "twoba-testkit"], &[], &[why]);
}

#[test]
fn the_core_stays_light_and_never_reaches_url_parsing() {
    let foreign = ["http: url", "url: icu_properties", "icu_properties"];
    let icu = "twoba-core -> http -> url -> icu_properties: ";
    let url = "twoba-core -> http -> url: it rewrites";
    check(&["twoba-core: http"], &foreign, &[icu, url]);
    let parts: Vec<String> = (0..40).map(|number| format!("part-{number}")).collect();
    let http = format!("http: {}", parts.join(" "));
    let foreign: Vec<&str> = parts.iter().chain([&http]).map(String::as_str).collect();
    let heavy = "twoba-core and what it needs are 42 crates, at most 40";
    check(&["twoba-core: http"], &foreign, &[heavy]);
}
