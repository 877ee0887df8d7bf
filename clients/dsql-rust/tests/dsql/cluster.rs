//! The cluster under test, as its environment describes it (tests/clients/dsql.py).

pub const OWNER: &str = "CREATE TABLE IF NOT EXISTS owner(
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name varchar(30) NOT NULL,
    city varchar(80) NOT NULL,
    PRIMARY KEY (id))";
pub const DENIED: &str = "unable to accept connection, access denied";
pub const LOST: &str = "change conflicts with another transaction (OC000)";
pub const CHANGED: &str = "schema has been updated by another transaction (OC001)";

pub fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

pub fn host() -> String {
    given("CLUSTER_ENDPOINT")
}

/// A name of the server that is no cluster's, though its certificate covers it.
pub fn other_cluster() -> String {
    given("OTHER_CLUSTER_ENDPOINT")
}

/// A name of the server that its certificate does not cover.
pub fn other_region() -> String {
    given("OTHER_REGION_ENDPOINT")
}

pub fn port() -> u16 {
    given("CLUSTER_PORT").parse().unwrap()
}

/// Who comes in, with which schema.
pub fn users() -> [(String, &'static str); 2] {
    [(given("CLUSTER_USER"), "public"), (given("CLUSTER_APP_USER"), "myschema")]
}

/// A key nobody has given out.
pub fn unknown_key() -> aws_credential_types::Credentials {
    aws_credential_types::Credentials::new("AKIAAAAAAAAAAAAAAAAA", "not the secret", None, None, "x")
}
