//! SOAP, ApiX and Unifeed at the keyboard: what is called, what is opened, and what comes back.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use http::{Response, Uri};
use twoba_testkit::{Running, hidden_fields};

use twoba_tests::{Browser, Cli, Desk, PASSWORD, SECRET};

/// How long the program may take for a line.
const LINE_LIMIT: Duration = Duration::from_secs(20);

/// A person who is logged in.
fn desk() -> (Desk, Cli) {
    let desk = Desk::new();
    let url = format!("{}/unifeed/", desk.emulator.url());
    let cli = desk.cli(&[("TWOBA_UNIFEED_URL", &url)]);
    cli.run(&["login", "--password"]).done();
    (desk, cli)
}

/// The GTIN of a product that the emulator has.
fn gtin(cli: &Cli) -> String {
    let found = cli
        .run(&["get", "Product/Search", "query=kabelgoot"])
        .done();
    let found = found.json();
    let first = found.pointer("/Products/0/GTIN").unwrap();
    first.as_str().unwrap().to_owned()
}

#[test]
fn a_soap_service_answers_as_the_json_service_does() {
    let (desk, cli) = desk();
    let parameter = format!("gtin={}", gtin(&cli));
    let asked = ["soap", "Product", "detailsbygtina", parameter.as_str()];
    let soap = cli.run(&asked).done().json();
    let json = cli
        .run(&["get", "Product/DetailsByGtinA", &parameter])
        .done()
        .json();
    for member in ["GTIN", "Description", "ManufacturerGLN"] {
        assert_eq!(soap[member], json[member], "{member}");
    }
    let raw = cli.run(&[&asked[..], &["--raw"]].concat()).done().stdout;
    assert!(raw.contains("Envelope"), "{raw}");
    // XML of one's own, from a file.
    let file = desk.home.path().join("body.xml");
    let element = raw_element(&raw, &parameter);
    fs::write(&file, element).unwrap();
    let file = file.to_str().unwrap();
    let own = ["soap", "Product", "DetailsByGtinA", "--body", file];
    assert_eq!(cli.run(&own).done().json()["GTIN"], soap["GTIN"]);
    // What is mistyped is named, and what is refused is told.
    let mistyped = cli.run(&["soap", "Product", "DetailsByGtin", &parameter]);
    assert_eq!(mistyped.code, 2, "{mistyped:?}");
    assert!(mistyped.stderr.contains("did you mean DetailsByGtinA?"));
    let refused = cli.run(&["soap", "Product", "DetailsByGtinA", "gtin=00000000000000"]);
    assert_eq!(refused.code, 6, "{refused:?}");
    let missing = cli.run(&["soap", "Product", "DetailsByGtinA", "--body", "nowhere.xml"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(missing.stderr.contains("nothing was sent"), "{missing:?}");
}

#[test]
fn a_service_that_is_not_at_this_address_is_told_with_its_setting() {
    let (desk, cli) = desk();
    let no_service = cli.run(&["soap", "Produkt", "DetailsByGtinA"]);
    assert_eq!(no_service.code, 6, "{no_service:?}");
    assert!(no_service.stderr.contains("soap-base (TWOBA_SOAP_URL)"));
    let into = desk.home.path().join("list.jsonl").display().to_string();
    let elsewhere = cli.run(&["sync", "product-data", "--into", &into]);
    assert_eq!(elsewhere.code, 6, "{elsewhere:?}");
    assert!(
        elsewhere
            .stderr
            .contains("service-base (TWOBA_SERVICE_URL)")
    );
}

/// The element of the operation, in the namespace that the answer has.
fn raw_element(answer: &str, parameter: &str) -> String {
    let namespace = answer
        .split("DetailsByGtinAResponse xmlns=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    let gtin = parameter.strip_prefix("gtin=").unwrap();
    format!("<DetailsByGtinA xmlns=\"{namespace}\"><gtin>{gtin}</gtin></DetailsByGtinA>")
}

#[test]
fn apix_is_asked_by_path_and_by_json() {
    let (desk, _) = desk();
    let url = format!("{}/apix/api/v1/", desk.emulator.url());
    let cli = desk.cli(&[("TWOBA_APIX_URL", &url)]);
    let id = "Product/1000001";
    let product = cli.run(&["get", "--apix", id, "languagecode=NL"]).done();
    assert_eq!(product.json()["productCode"], "KG-60040-W");
    // A search is JSON: from stdin, or from a file.
    let file = desk.home.path().join("search.json");
    let search = r#"{"from":0,"size":2,"languagecode":"NL","searchString":"kabelgoot wit"}"#;
    fs::write(&file, search).unwrap();
    let file = file.to_str().unwrap();
    let found = cli.run(&["get", "--apix", "Product/Search", "--body", file]);
    let found = found.done().json();
    assert_eq!(
        (&found["total"], &found["items"][0]),
        (&5.into(), &product.json())
    );
    let lines = format!("echo '{search}' | twoba get --apix Product/Search --body -");
    assert_eq!(cli.paste(desk.home.path(), &lines).done().json(), found);
    let picture = ["gln=2008710000011", "productcode=KG-60040-W", "--raw", "-o"];
    let to = desk.home.path().join("picture.png");
    let words = [&["get", "--apix", "Product/ThumbNail"], &picture[..]].concat();
    cli.run(&[&words[..], &[to.to_str().unwrap()]].concat())
        .done();
    assert!(fs::read(&to).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn who_mistakes_apix_is_told_what_it_takes() {
    let (desk, cli) = desk();
    let nowhere = cli.run(&["get", "--apix", "Product/1"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    assert!(nowhere.stderr.contains("TWOBA_APIX_URL"), "{nowhere:?}");
    let url = format!("{}/apix/api/v1/", desk.emulator.url());
    let cli = desk.cli(&[("TWOBA_APIX_URL", &url)]);
    for (words, said) in [
        (&["Product/Search"][..], "as in {\"from\":0,\"size\":10,"),
        (
            &["Product/ThumbNail"],
            "needs the parameter gln, as in gln=",
        ),
        (&["Product/Serach"], "did you mean Product/Search?"),
        (&["Product/7"], "There is nothing of these numbers."),
    ] {
        let refused = cli.run(&[&["get", "--apix"], words].concat());
        assert_eq!(refused.code, 6, "{refused:?}");
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
    let calls = desk.emulator.counts().service_calls;
    let file = desk.home.path().join("none.json");
    fs::write(&file, "{").unwrap();
    for (words, said) in [
        (&["--apix", "../x"][..], "not a service's function"),
        (
            &["--apix", "Product/List", "--body", file.to_str().unwrap()],
            "JSON",
        ),
        (
            &["--apix", "Product/List", "--body", "nowhere"],
            "nothing was sent",
        ),
        (&["Product/Search", "--body", "-"], "--apix"),
        (
            &["--apix", "Product/1", "--jsonp", "cb"],
            "cannot be used with",
        ),
    ] {
        let refused = cli.run(&[&["get"], words].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
    assert_eq!(desk.emulator.counts().service_calls, calls);
    // The embedded emulator brings its own address.
    let own = desk.run(&["--emulator", "get", "--apix", "etim/Class/EC990001"]);
    assert_eq!(own.done().json()["description"], "Kabelgoten");
}

/// A `twoba unifeed --receive` that waits, and the address that it wants opened.
fn waiting(cli: &Cli, arguments: &[&str]) -> (Running, String) {
    let all = [&["unifeed", "--receive", "--print-url"], arguments].concat();
    let mut running = cli.start(&all);
    let mut line = || running.stderr_line(LINE_LIMIT).unwrap();
    assert_eq!(line().as_deref(), Some("Open Unifeed at:"));
    let url = line().expect("an address");
    assert!(line().unwrap().contains("Waiting for the selection"));
    (running, url)
}

/// Selects the first article on Unifeed's page, and returns the page that sends it.
fn selected(desk: &Desk, url: &str) -> Response<Vec<u8>> {
    let mut browser = Browser::new(desk.emulator.addr());
    let page = browser.get(url);
    let text = String::from_utf8(page.body().clone()).unwrap();
    let first = text.split("name=\"pick-").nth(1).unwrap();
    let first = first.split('"').next().unwrap();
    let picked = [
        (format!("pick-{first}"), "1".to_owned()),
        (format!("quantity-{first}"), "10".to_owned()),
    ];
    browser.post(url, &picked)
}

/// Where a page sends its form.
fn action(page: &str) -> String {
    let action = page.split("action=\"").nth(1).unwrap();
    action.split('"').next().unwrap().replace("&amp;", "&")
}

fn server_of(url: &str) -> SocketAddr {
    let uri: Uri = url.parse().unwrap();
    uri.authority().unwrap().as_str().parse().unwrap()
}

#[test]
fn what_is_selected_in_unifeed_comes_back_as_json() {
    let (desk, cli) = desk();
    let (running, url) = waiting(&cli, &["--query", "kabelgoot"]);
    let page = selected(&desk, &url);
    let page = std::str::from_utf8(page.body()).unwrap();
    let hook = action(page);
    let mut browser = Browser::new(server_of(&hook));
    // Who does not know the address is none the wiser, and the wait goes on.
    let guess = hook.rsplit_once('/').unwrap().0.to_owned() + "/guess";
    let foreign = [("Json".to_owned(), "[]".to_owned())];
    assert_eq!(browser.post(&guess, &foreign).status(), 404);
    assert_eq!(browser.post(&hook, &[]).status(), 400);
    let sent = browser.post(&hook, &hidden_fields(page));
    assert_eq!(sent.status(), 200);
    let said = cli.finish(running).done();
    let selection = said.json();
    assert_eq!(selection["InterfaceType"], "JSON");
    assert_eq!(selection["Items"][0]["Quantity"], "10");
    assert!(said.stderr.contains("passed over"), "{}", said.stderr);
}

#[test]
fn unifeeds_server_can_post_the_selection_itself() {
    let (desk, cli) = desk();
    let (running, url) = waiting(&cli, &["--way", "serverjsonpost", "--query", "kabelgoot"]);
    selected(&desk, &url);
    let selection = cli.finish(running).done().json();
    assert_eq!(selection["InterfaceType"], "SERVERJSONPOST");
    assert_eq!(selection["Items"].as_array().unwrap().len(), 1);
}

#[test]
fn the_token_of_unifeeds_address_is_shown_only_on_request() {
    let (desk, cli) = desk();
    let token = cli.run(&["token"]).done().stdout;
    let token = token.trim_end();
    let printed = cli.run(&["unifeed", "--print-url"]).done();
    assert!(printed.stdout.contains("accessToken="));
    assert!(!printed.stderr.contains(token), "{}", printed.stderr);

    // The browser is started with an address that leads there once.
    let browser = desk.home.path().join("browser");
    fs::write(
        &browser,
        "#!/bin/sh\nenv > \"$0.env\"\necho \"$*\" > \"$0.new\"\nmv \"$0.new\" \"$0.called\"\n",
    )
    .unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o700)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let url = format!("{}/unifeed/", desk.emulator.url());
    let cli = desk.cli(&[
        ("BROWSER", browser.to_str().unwrap()),
        ("PATH", &path),
        ("TWOBA_UNIFEED_URL", &url),
        ("TWOBA_EMULATOR_SECRET", "canary"),
        ("TWOBA_ACCESS_TOKEN", "canary"),
    ]);
    let mut running = cli.start(&["unifeed"]);
    let told = running.stderr_line(LINE_LIMIT).unwrap().unwrap();
    assert!(told.contains("accessToken=(hidden)"), "{told}");
    let opened = twoba_tests::until("the browser to be started", || {
        fs::read_to_string(browser.with_extension("called")).map_err(|error| error.to_string())
    });
    let opened = opened.trim_end();
    let given = fs::read_to_string(browser.with_extension("env")).unwrap();
    for secret in ["canary", PASSWORD, SECRET] {
        assert!(!given.contains(secret), "{given}");
    }
    assert!(!opened.contains("accessToken"), "{opened}");
    let led = Browser::new(server_of(opened)).get(opened);
    assert_eq!(led.status(), 303);
    let location = led.headers()["location"].to_str().unwrap();
    assert!(location.contains("accessToken="), "{location}");
    running.finish(Duration::from_secs(20)).unwrap();
}

#[test]
fn unifeed_without_an_address_or_a_person_says_what_to_do() {
    let desk = Desk::new();
    let cli = desk.cli(&[]);
    cli.run(&["login", "--password"]).done();
    let nowhere = cli.run(&["unifeed", "--print-url"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    assert!(nowhere.stderr.contains("TWOBA_UNIFEED_URL"), "{nowhere:?}");
    let nobody = cli.run(&["unifeed", "--no-input"]);
    assert_eq!(nobody.code, 2, "{nobody:?}");
    assert!(nobody.stderr.contains("--print-url"), "{nobody:?}");
}
