//! A program of the README, word for word.

#![expect(clippy::print_stdout, reason = "so it stands there")]

use twoba_async::{Client, ClientSecret, FileStore, Password, Provider, Session};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = ClientSecret::parse(std::env::var("TWOBA_CLIENT_SECRET")?)?;
    let provider = match std::env::var("TWOBA_URL") {
        Ok(emulator) => Provider::two_ba_at(&emulator)?,
        Err(_) => Provider::two_ba(),
    };
    let client = Client::confidential(provider, "myApplication", secret)?;
    let store = FileStore::open("2ba-sessions")?;
    let session = Session::builder(client)
        .blocking_store(store)
        .open("default")?;

    if session.status().await?.generation.is_none() {
        let password = Password::parse(std::env::var("TWOBA_PASSWORD")?)?;
        session.login("me@example.com", &password).await?;
    }
    let found = session
        .get("Product/Search", &[("query", "kabelgoot")])
        .await?;
    println!("{}", found.value());
    Ok(())
}
