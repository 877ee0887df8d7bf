"""aurora-dsql-python-connector over psycopg and psycopg2."""

import contextlib
import threading

import aurora_dsql_psycopg
import aurora_dsql_psycopg2
import psycopg
import psycopg2
import pytest
from cluster import (
    AUTHORITY,
    HOST,
    ID,
    OTHER_AUTHORITY,
    OTHER_CLUSTER,
    OTHER_REGION,
    OWNER,
    PORT,
    REGION,
    USERS,
    code_of,
    unknown_key,
    verified,
)


class Psycopg:
    connector = aurora_dsql_psycopg
    Error = psycopg.Error

    @staticmethod
    def pool(user, schema, size, retry):
        def configure(connection):
            connection.autocommit = True
            connection.execute(f"SET search_path = {schema}")
            connection.autocommit = False

        return aurora_dsql_psycopg.create_pool(
            "",
            kwargs=verified(user),
            configure=configure,
            min_size=2,
            max_size=size,
            max_lifetime=3300,
            retry=retry,
            open=True,
        )

    @staticmethod
    def set_autocommit(connection):
        connection.autocommit = True

    @staticmethod
    def has_tls(connection):
        return connection.pgconn.ssl_in_use


class Psycopg2:
    connector = aurora_dsql_psycopg2
    Error = psycopg2.Error

    @staticmethod
    def pool(user, schema, size, retry):
        return aurora_dsql_psycopg2.AuroraDSQLThreadedConnectionPool(
            minconn=2,
            maxconn=size,
            retry=retry,
            options=f"-c search_path={schema}",
            **verified(user),
        )

    @staticmethod
    def set_autocommit(connection):
        connection.set_session(autocommit=True)

    @staticmethod
    def has_tls(connection):
        return connection.info.ssl_in_use


DRIVERS = pytest.mark.parametrize("driver", [Psycopg, Psycopg2], ids=["psycopg", "psycopg2"])
AS_USERS = pytest.mark.parametrize("user, schema", USERS, ids=[user for user, _ in USERS])


def rows_of(connection, statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else cursor.rowcount


@contextlib.contextmanager
def connected(driver, user, schema):
    connection = driver.connector.connect(**verified(user))
    driver.set_autocommit(connection)
    rows_of(connection, f"SET search_path = {schema}")
    with contextlib.closing(connection):
        yield connection


@DRIVERS
@AS_USERS
def test_a_pool_serves_threads(driver, user, schema):
    pool = driver.pool(user, schema, 8, retry=True)
    seen = []

    def work(number):
        seen.append(
            pool.run_transaction(
                lambda session: rows_of(session, "SELECT %s, current_user", number)
            )[0]
        )

    with pool:
        threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(seen) == [(number, user) for number in range(8)]


@DRIVERS
@AS_USERS
def test_tables_and_changes(driver, user, schema):
    with connected(driver, user, schema) as session:
        assert driver.has_tls(session)
        assert rows_of(session, "SELECT current_user, current_schema()") == [(user, schema)]
        rows_of(session, "DROP TABLE IF EXISTS owner")
        rows_of(session, OWNER)
        [(job,)] = rows_of(session, "CREATE INDEX ASYNC owner_city ON owner (city)")
        rows_of(session, f"CALL sys.wait_for_job('{job}')")
        found = rows_of(session, "SELECT indexname FROM pg_indexes WHERE indexname = 'owner_city'")
        assert found == [("owner_city",)]
        insert = "INSERT INTO owner (name, city, telephone) VALUES (%s, %s, %s)"
        assert rows_of(session, insert, "John Doe", "Anytown", "555-555-1999") == 1
        [(identity, *rest)] = rows_of(session, "SELECT * FROM owner WHERE name = 'John Doe'")
        assert rest == ["John Doe", "Anytown", "555-555-1999"]
        with pytest.raises(driver.Error) as refused:
            rows_of(session, "INSERT INTO owner VALUES (%s, 'Jane', 'Here')", str(identity))
        assert code_of(refused.value) == "23505"
        with session.cursor() as cursor:
            cursor.executemany(insert, [("Ann", "Here", None), ("Ben", "There", "1")])
        assert rows_of(session, "SELECT name, telephone FROM owner ORDER BY name") == [
            ("Ann", None),
            ("Ben", "1"),
            ("John Doe", "555-555-1999"),
        ]
        assert rows_of(session, "DELETE FROM owner") == 3
        rows_of(session, "DROP TABLE owner")
        with pytest.raises(driver.Error) as refused:
            rows_of(session, "SELECT * FROM owner")
        assert code_of(refused.value) == "42P01"


@DRIVERS
@AS_USERS
def test_transactions(driver, user, schema):
    with driver.pool(user, schema, 4, retry=True) as pool:
        pool.run_transaction(lambda session: rows_of(session, OWNER))
        pool.run_transaction(
            lambda session: rows_of(
                session, "INSERT INTO owner (name, city) VALUES ('John Doe', 'Anytown')"
            )
        )

        def change_and_fail(session):
            assert rows_of(session, "DELETE FROM owner") == 1
            raise ValueError("changed my mind")

        with pytest.raises(ValueError, match="changed my mind"):
            pool.run_transaction(change_and_fail)
        assert pool.run_transaction(
            lambda session: rows_of(session, "SELECT name FROM owner")
        ) == [("John Doe",)]
        pool.run_transaction(lambda session: rows_of(session, "DROP TABLE owner"))


class Counter:
    """A row that a second session changes in the midst of the first attempt to do so."""

    def __init__(self, other):
        self.other = other
        rows_of(other, "CREATE TABLE counter (id int PRIMARY KEY, value int NOT NULL)")
        rows_of(other, "INSERT INTO counter VALUES (1, 0)")
        self.attempts = 0

    def increment(self, session):
        [(value,)] = rows_of(session, "SELECT value FROM counter WHERE id = 1")
        self.attempts += 1
        if self.attempts == 1:
            assert rows_of(self.other, "UPDATE counter SET value = value + 10") == 1
        assert rows_of(session, "UPDATE counter SET value = %s WHERE id = 1", value + 1) == 1

    def value(self):
        [(value,)] = rows_of(self.other, "SELECT value FROM counter")
        return value


@contextlib.contextmanager
def counting(driver, user, schema):
    with connected(driver, user, schema) as session:
        yield Counter(session)
        rows_of(session, "DROP TABLE counter")


@DRIVERS
@AS_USERS
def test_who_loses_a_conflict_is_retried(driver, user, schema):
    with counting(driver, user, schema) as counter:
        with driver.pool(user, schema, 2, retry=True) as pool:
            pool.run_transaction(counter.increment)
        assert (counter.attempts, counter.value()) == (2, 11)


@DRIVERS
@AS_USERS
def test_without_retry_the_loser_gets_oc000(driver, user, schema):
    with counting(driver, user, schema) as counter:
        with driver.pool(user, schema, 2, retry=None) as pool:
            with pytest.raises(driver.Error) as lost:
                pool.run_transaction(counter.increment)
        assert code_of(lost.value) == "40001"
        assert "change conflicts with another transaction (OC000)" in str(lost.value)
        assert (counter.attempts, counter.value()) == (1, 10)


@DRIVERS
@AS_USERS
def test_many_at_once_lose_no_increment(driver, user, schema):
    patient = driver.connector.OCCRetryConfig(max_retries=100)
    failures = []

    def increment(session):
        [(value,)] = rows_of(session, "SELECT value FROM counter WHERE id = 1")
        rows_of(session, "UPDATE counter SET value = %s WHERE id = 1", value + 1)

    def work():
        try:
            pool.run_transaction(increment)
        except Exception as error:
            failures.append(error)

    with counting(driver, user, schema) as counter:
        with driver.pool(user, schema, 8, retry=patient) as pool:
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert (failures, counter.value()) == ([], 8)


@DRIVERS
@AS_USERS
def test_anothers_definition_is_met_once(driver, user, schema):
    as_user = (driver, user, schema)
    with connected(*as_user) as first, connected(*as_user) as second:
        assert rows_of(second, "SELECT 1") == [(1,)]
        rows_of(first, "CREATE TABLE thing (id int PRIMARY KEY)")
        with pytest.raises(driver.Error) as met:
            rows_of(second, "SELECT * FROM thing")
        assert code_of(met.value) == "40001"
        assert "schema has been updated by another transaction (OC001)" in str(met.value)
        assert rows_of(second, "SELECT * FROM thing") == []
        rows_of(second, "DROP TABLE thing")


@DRIVERS
def test_the_cluster_is_named_by_host_by_id_and_by_url(driver):
    trust = {"sslmode": "verify-full", "sslrootcert": AUTHORITY}
    for dsn, parameters in [
        (HOST, {"port": PORT, **trust}),
        (ID, {"port": PORT, "region": REGION, **trust}),
        (ID, {"port": PORT, **trust}),
        (
            f"postgresql://{HOST}:{PORT}/postgres?user=admin&token_duration_secs=15"
            f"&sslmode=verify-full&sslrootcert={AUTHORITY}",
            {"application_name": "myorm"},
        ),
    ]:
        session = driver.connector.connect(dsn, **parameters)
        [(user, name)] = rows_of(
            session, "SELECT current_user, current_setting('application_name')"
        )
        assert user == "admin"
        prefix = "myorm:" if "application_name" in parameters else ""
        assert name.startswith(f"{prefix}aurora-dsql-python-{driver.__name__.lower()}/0.")
        session.close()


@DRIVERS
def test_direct_tls(driver):
    session = driver.connector.connect(**verified("admin"), sslnegotiation="direct")
    assert driver.has_tls(session)
    session.close()


@DRIVERS
@pytest.mark.parametrize(
    "changed, message",
    [
        ({"custom_credentials_provider": unknown_key()}, "security token included in the request"),
        ({"user": "nobody"}, "access denied"),
        ({"host": OTHER_CLUSTER}, "access denied"),
        ({"host": OTHER_REGION}, "server certificate"),
        ({"sslrootcert": OTHER_AUTHORITY}, "certificate verify failed"),
        ({"sslmode": "disable"}, "unable to accept connection"),
    ],
    ids=["key", "user", "cluster", "name", "authority", "no TLS"],
)
def test_is_refused(driver, changed, message):
    with pytest.raises(driver.Error, match=message):
        driver.connector.connect(**{**verified("admin"), **changed})
