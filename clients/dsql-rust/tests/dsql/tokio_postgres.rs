//! tokio-postgres over rustls, with tokens of AWS's SDK.
use crate::cluster::{
    given, host, other_cluster, other_region, port, unknown_key, users, CHANGED, DENIED, LOST, OWNER,
};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dsql::auth_token::{AuthTokenGenerator, Config as TokenConfig};
use rustls::pki_types::{pem::PemObject, CertificateDer};
use std::sync::Arc;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

fn tls() -> MakeRustlsConnect {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(given("CLUSTER_CA")).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    MakeRustlsConnect::new(
        rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth(),
    )
}

async fn sdk() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}

async fn token(user: &str, host: &str, sdk: &SdkConfig) -> String {
    let signer = AuthTokenGenerator::new(
        TokenConfig::builder()
            .hostname(host)
            .region(Region::new(given("REGION")))
            .build()
            .unwrap(),
    );
    let token = if user == "admin" {
        signer.db_connect_admin_auth_token(sdk).await
    } else {
        signer.db_connect_auth_token(sdk).await
    };
    token.unwrap().to_string()
}

async fn connect_to(host: &str, user: &str, schema: &str, token: &str) -> Result<Client, Error> {
    let (client, connection) = Config::new()
        .host(host)
        .port(port())
        .user(user)
        .dbname("postgres")
        .password(token)
        .ssl_mode(SslMode::Require)
        .options(format!("-c search_path={schema}"))
        .connect(tls())
        .await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn connect(user: &str, schema: &str) -> Client {
    let token = token(user, &host(), &sdk().await).await;
    connect_to(&host(), user, schema, &token).await.unwrap()
}

#[track_caller]
fn refused(error: &Error, code: &str, message: &str) {
    let answer = error.as_db_error().unwrap_or_else(|| panic!("not refused: {error}"));
    assert_eq!(answer.code().code(), code, "{answer}");
    assert!(answer.message().contains(message), "{answer}");
}

#[tokio::test]
async fn tables_changes_and_transactions() {
    for (user, schema) in users() {
        let mut client = connect(&user, schema).await;
        client.batch_execute(OWNER).await.unwrap();
        let create = "CREATE INDEX ASYNC owner_city ON owner (city)";
        let job: String = client.query_one(create, &[]).await.unwrap().get(0);
        client.batch_execute(&format!("CALL sys.wait_for_job('{job}')")).await.unwrap();
        let index = client
            .query_one("SELECT schemaname FROM pg_indexes WHERE indexname = $1", &[&"owner_city"])
            .await
            .unwrap();
        assert_eq!(index.get::<_, &str>(0), schema);
        let insert = client
            .prepare("INSERT INTO owner (name, city) VALUES ($1, $2) RETURNING city")
            .await
            .unwrap();
        let tx = client.transaction().await.unwrap();
        // Both are on their way before the first is answered.
        let (one, two) = tokio::join!(
            tx.query_one(&insert, &[&"Ann", &"Here"]),
            tx.query_one(&insert, &[&"Ben", &"There"])
        );
        assert_eq!((one.unwrap().get(0), two.unwrap().get(0)), ("Here", "There"));
        tx.commit().await.unwrap();
        let tx = client.transaction().await.unwrap();
        assert_eq!(tx.execute("DELETE FROM owner", &[]).await.unwrap(), 2);
        tx.rollback().await.unwrap();
        let names = client.query("SELECT name FROM owner ORDER BY name", &[]).await.unwrap();
        assert_eq!(names.iter().map(|row| row.get(0)).collect::<Vec<&str>>(), ["Ann", "Ben"]);
        let doubled = client.execute("INSERT INTO owner SELECT * FROM owner", &[]).await;
        refused(&doubled.unwrap_err(), "23505", "duplicate key");
        client.batch_execute("DROP TABLE owner").await.unwrap();
        let missing = client.query("SELECT * FROM owner", &[]).await;
        refused(&missing.unwrap_err(), "42P01", "relation \"owner\" does not exist");
    }
}

#[tokio::test]
async fn conflicts() {
    for (user, schema) in users() {
        let mut first = connect(&user, schema).await;
        let mut second = connect(&user, schema).await;
        second.batch_execute("SELECT 1").await.unwrap();
        first.batch_execute("CREATE TABLE counter (id int PRIMARY KEY, value int)").await.unwrap();
        first.batch_execute("INSERT INTO counter VALUES (1, 0)").await.unwrap();
        let met = second.batch_execute("SELECT * FROM counter").await.unwrap_err();
        refused(&met, "40001", CHANGED);
        let increment = "UPDATE counter SET value = value + 1";
        let winner = first.transaction().await.unwrap();
        let loser = second.transaction().await.unwrap();
        for tx in [&winner, &loser] {
            assert_eq!(tx.execute(increment, &[]).await.unwrap(), 1);
        }
        winner.commit().await.unwrap();
        refused(&loser.commit().await.unwrap_err(), "40001", LOST);
        let again = second.transaction().await.unwrap();
        again.execute(increment, &[]).await.unwrap();
        again.commit().await.unwrap();
        let row = second.query_one("SELECT value FROM counter", &[]).await.unwrap();
        assert_eq!(row.get::<_, i32>(0), 2);
        second.batch_execute("DROP TABLE counter").await.unwrap();
    }
}

#[tokio::test]
async fn who_may_not_come_in_is_refused() {
    let good = sdk().await;
    let unknown =
        good.to_builder().credentials_provider(SharedCredentialsProvider::new(unknown_key())).build();
    let other = other_cluster();
    for (name, user, token) in [
        (host(), "admin", token("admin", &host(), &unknown).await),
        (host(), "admin", token("admin", &other, &good).await),
        (host(), "admin", token("app", &host(), &good).await),
        (host(), "nobody", token("nobody", &host(), &good).await),
        (other.clone(), "admin", token("admin", &other, &good).await),
    ] {
        let answer = connect_to(&name, user, "public", &token).await;
        refused(&answer.err().expect("was let in"), "08006", DENIED);
    }
}

#[tokio::test]
async fn the_certificate_must_have_the_name() {
    let token = token("admin", &other_region(), &sdk().await).await;
    let error = connect_to(&other_region(), "admin", "public", &token).await.err().unwrap();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("certificate"), "{cause}");
}
