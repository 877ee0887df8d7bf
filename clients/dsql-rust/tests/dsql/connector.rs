//! aurora-dsql-sqlx-connector.
use crate::cluster::{
    host, other_cluster, other_region, port, unknown_key, users, CHANGED, DENIED, LOST, OWNER,
};
use aurora_dsql_sqlx_connector::{
    connection, is_occ_error, pool, txn, DsqlConnectOptions, DsqlConnectOptionsBuilder, DsqlError,
    OCCRetryConfig, OCCRetryConfigBuilder, OCCRetryExt, OCCType, Region, SharedCredentialsProvider,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Row};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

fn url(user: &str, host: &str) -> String {
    format!("postgres://{user}@{host}:{}/postgres", port())
}

async fn open(user: &str, schema: &'static str) -> PgPool {
    let config = DsqlConnectOptions::from_connection_string(&url(user, &host())).unwrap();
    let options = PgPoolOptions::new().max_connections(8).after_connect(move |session, _| {
        Box::pin(async move {
            session.execute(AssertSqlSafe(format!("SET search_path = '{schema}'"))).await?;
            Ok(())
        })
    });
    pool::connect_with(&config, options).await.unwrap()
}

async fn connect(user: &str, schema: &str) -> PgConnection {
    let mut session = connection::connect(&url(user, &host())).await.unwrap();
    session.execute(AssertSqlSafe(format!("SET search_path = '{schema}'"))).await.unwrap();
    session
}

fn patient() -> OCCRetryConfig {
    OCCRetryConfigBuilder::default().max_attempts(100u32).build().unwrap()
}

/// Of a statement of a session that has not seen another's definition: OC001 is met once.
async fn run(pool: &mut PgPool, sql: &'static str) {
    pool.transaction_with_retry(None, |tx| {
        txn!({
            sqlx::query(sql).execute(&mut **tx).await?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

async fn number(pool: &mut PgPool, sql: &'static str) -> i32 {
    pool.transaction_with_retry(None, |tx| {
        txn!(Ok(sqlx::query(sql).fetch_one(&mut **tx).await?.get::<i32, _>(0)))
    })
    .await
    .unwrap()
}

#[track_caller]
fn refused(error: &sqlx::Error, code: &str, message: &str) {
    let answer = error.as_database_error().unwrap_or_else(|| panic!("not refused: {error}"));
    assert_eq!(answer.code().as_deref(), Some(code), "{answer}");
    assert!(answer.message().contains(message), "{answer}");
}

#[tokio::test]
async fn a_pool_serves_tasks() {
    for (user, schema) in users() {
        let pool = open(&user, schema).await;
        let tasks: Vec<_> = (0..8)
            .map(|i| {
                let pool = pool.clone();
                tokio::spawn(async move {
                    sqlx::query("SELECT $1::int, current_user::text, current_schema()::text")
                        .bind(i)
                        .fetch_one(&pool)
                        .await
                })
            })
            .collect();
        for (i, task) in tasks.into_iter().enumerate() {
            let row = task.await.unwrap().unwrap();
            assert_eq!(row.get::<i32, _>(0), i as i32);
            assert_eq!(row.get::<String, _>(1), user);
            assert_eq!(row.get::<String, _>(2), schema);
        }
        pool.close().await;
    }
}

#[tokio::test]
async fn tables_changes_and_transactions() {
    for (user, schema) in users() {
        let mut pool = open(&user, schema).await;
        run(&mut pool, OWNER).await;
        run(&mut pool, "CREATE INDEX ASYNC owner_city ON owner (city)").await;
        pool.transaction_with_retry(None, |tx| {
            txn!({
                let index = sqlx::query("SELECT schemaname::text FROM pg_indexes WHERE indexname = $1")
                    .bind("owner_city")
                    .fetch_one(&mut **tx)
                    .await?;
                assert_eq!(index.get::<String, _>(0), schema);
                let added = sqlx::query("INSERT INTO owner(name, city) VALUES($1, $2)")
                    .bind("John Doe")
                    .bind("Anytown")
                    .execute(&mut **tx)
                    .await?;
                assert_eq!(added.rows_affected(), 1);
                Ok(())
            })
        })
        .await
        .unwrap();
        // Every session of the pool has met the definitions once this one has been opened anew.
        let mut session = connect(&user, schema).await;
        let row = sqlx::query("SELECT name, city FROM owner WHERE name = $1")
            .bind("John Doe")
            .fetch_one(&mut session)
            .await
            .unwrap();
        assert_eq!((row.get("name"), row.get("city")), ("John Doe", "Anytown"));
        let mut tx = session.begin().await.unwrap();
        let gone = sqlx::query("DELETE FROM owner").execute(&mut *tx).await.unwrap();
        assert_eq!(gone.rows_affected(), 1);
        tx.rollback().await.unwrap();
        let doubled = sqlx::query("INSERT INTO owner SELECT * FROM owner")
            .execute(&mut session)
            .await
            .unwrap_err();
        refused(&doubled, "23505", "duplicate key");
        sqlx::query("DROP TABLE owner").execute(&mut session).await.unwrap();
        let missing = sqlx::query("SELECT * FROM owner").execute(&mut session).await.unwrap_err();
        refused(&missing, "42P01", "relation \"owner\" does not exist");
        session.close().await.unwrap();
        pool.close().await;
    }
}

/// A transaction that another changes the row of, in the midst of its first attempt.
async fn increment_between(
    pool: &mut PgPool,
    config: Option<&OCCRetryConfig>,
) -> (u32, Result<(), DsqlError>) {
    let attempts = Arc::new(AtomicU32::new(0));
    let other = pool.clone();
    let result = pool
        .transaction_with_retry(config, |tx| {
            let attempts = attempts.clone();
            let other = other.clone();
            txn!({
                let row = sqlx::query("SELECT value FROM counter").fetch_one(&mut **tx).await?;
                if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                    sqlx::query("UPDATE counter SET value = value + 10").execute(&other).await?;
                }
                sqlx::query("UPDATE counter SET value = $1")
                    .bind(row.get::<i32, _>(0) + 1)
                    .execute(&mut **tx)
                    .await?;
                Ok(())
            })
        })
        .await;
    (attempts.load(Ordering::SeqCst), result)
}

#[tokio::test]
async fn who_loses_a_conflict_is_retried() {
    for (user, schema) in users() {
        let mut pool = open(&user, schema).await;
        run(&mut pool, "CREATE TABLE counter (id int PRIMARY KEY, value int NOT NULL)").await;
        run(&mut pool, "INSERT INTO counter VALUES (1, 0)").await;
        let (attempts, result) = increment_between(&mut pool, Some(&patient())).await;
        result.unwrap();
        assert!(attempts > 1, "nobody met a conflict");
        assert_eq!(number(&mut pool, "SELECT value FROM counter").await, 11);

        let once = OCCRetryConfigBuilder::default().max_attempts(1u32).build().unwrap();
        let (attempts, result) = increment_between(&mut pool, Some(&once)).await;
        assert_eq!(attempts, 1);
        match result.unwrap_err() {
            DsqlError::OCCRetryExhausted { attempts: 1, occ_type: OCCType::Data, source } => {
                assert!(source.to_string().contains(LOST), "{source}");
            }
            other => panic!("{other}"),
        }
        assert_eq!(number(&mut pool, "SELECT value FROM counter").await, 21);

        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let mut pool = pool.clone();
                tokio::spawn(async move {
                    pool.transaction_with_retry(Some(&patient()), |tx| {
                        txn!({
                            let row =
                                sqlx::query("SELECT value FROM counter").fetch_one(&mut **tx).await?;
                            sqlx::query("UPDATE counter SET value = $1")
                                .bind(row.get::<i32, _>(0) + 1)
                                .execute(&mut **tx)
                                .await?;
                            Ok(())
                        })
                    })
                    .await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(number(&mut pool, "SELECT value FROM counter").await, 29);
        run(&mut pool, "DROP TABLE counter").await;
        pool.close().await;
    }
}

#[tokio::test]
async fn anothers_definition_is_met_once() {
    for (user, schema) in users() {
        let mut first = connect(&user, schema).await;
        let mut second = connect(&user, schema).await;
        second.execute("SELECT 1").await.unwrap();
        first.execute("CREATE TABLE thing (id int PRIMARY KEY)").await.unwrap();
        let met = second.execute("SELECT * FROM thing").await.unwrap_err();
        refused(&met, "40001", CHANGED);
        assert_eq!(is_occ_error(&met), Some((OCCType::Schema, "OC001")));
        second.execute("SELECT * FROM thing").await.unwrap();
        second.execute("DROP TABLE thing").await.unwrap();
    }
}

#[tokio::test]
async fn the_cluster_is_named_by_host_and_by_id() {
    let id = host().split('.').next().unwrap().to_owned();
    for address in [
        url("admin", &host()),
        format!("{}?region=us-east-1&tokenDurationSecs=30", url("admin", &id)),
        format!("{}?profile=default", url("admin", &id)),
        format!("{}?ormPrefix=myorm", url("admin", &host())),
    ] {
        let mut session = connection::connect(&address).await.unwrap();
        let row = sqlx::query("SELECT current_user::text, current_setting('application_name')")
            .fetch_one(&mut session)
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>(0), "admin");
        let prefix = if address.contains("myorm") { "myorm:" } else { "" };
        let name: String = row.get(1);
        assert!(name.starts_with(&format!("{prefix}aurora-dsql-rust-sqlx/0.")), "{name}");
    }
}

#[tokio::test]
async fn who_may_not_come_in_is_refused() {
    let given = DsqlConnectOptionsBuilder::default()
        .pg_connect_options(
            PgConnectOptions::new().host(&host()).port(port()).username("admin").database("postgres"),
        )
        .region(Some(Region::new("us-east-1")))
        .credentials_provider(SharedCredentialsProvider::new(unknown_key()))
        .build()
        .unwrap();
    let nobody = DsqlConnectOptions::from_connection_string(&url("nobody", &host())).unwrap();
    let nowhere =
        DsqlConnectOptions::from_connection_string(&url("admin", &other_cluster())).unwrap();
    for options in [given, nobody, nowhere] {
        match connection::connect_with(&options).await.unwrap_err() {
            DsqlError::ConnectionError(error) => refused(&error, "08006", DENIED),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn the_certificate_must_have_the_name() {
    match connection::connect(&url("admin", &other_region())).await.unwrap_err() {
        DsqlError::ConnectionError(error) => {
            assert!(matches!(error, sqlx::Error::Tls(_) | sqlx::Error::Io(_)), "{error}");
            assert!(error.to_string().contains("certificate"), "{error}");
        }
        other => panic!("{other}"),
    }
}
