"""aurora-dsql-python-connector over asyncpg, and over psycopg's asynchronous connections."""

import asyncio
import contextlib
import gc

import asyncpg
import aurora_dsql_asyncpg
import aurora_dsql_psycopg
import pytest
from cluster import HOST, ID, OTHER_AUTHORITY, OTHER_CLUSTER, OTHER_REGION, OWNER, PORT, REGION
from cluster import USERS, unknown_key, verified

AS_USERS = pytest.mark.parametrize("user, schema", USERS, ids=[user for user, _ in USERS])


def a_pool(user, schema, **options):
    return aurora_dsql_asyncpg.create_pool(
        **verified(user), server_settings={"search_path": schema}, min_size=2, **options
    )


@contextlib.asynccontextmanager
async def connected(user, schema):
    connection = await aurora_dsql_asyncpg.connect(
        **verified(user), server_settings={"search_path": schema}
    )
    try:
        yield connection
    finally:
        await connection.close()


@AS_USERS
def test_a_pool_serves_tasks(user, schema):
    async def scenario():
        async with await a_pool(user, schema, max_size=8) as pool:

            async def work(number):
                async with pool.acquire() as session:
                    return await session.fetchrow("SELECT $1::int, current_user", number)

            return await asyncio.gather(*(work(number) for number in range(8)))

    assert [tuple(row) for row in asyncio.run(scenario())] == [(i, user) for i in range(8)]


@AS_USERS
def test_tables_changes_and_transactions(user, schema):
    async def scenario():
        async with connected(user, schema) as session:
            await session.execute(OWNER)
            job = await session.fetchval("CREATE INDEX ASYNC owner_city ON owner (city)")
            await session.execute(f"CALL sys.wait_for_job('{job}')")
            assert await session.fetchval(
                "SELECT schemaname FROM pg_indexes WHERE indexname = $1", "owner_city"
            ) == schema
            insert = "INSERT INTO owner (name, city, telephone) VALUES ($1, $2, $3)"
            assert await session.execute(insert, "John Doe", "Anytown", None) == "INSERT 0 1"
            await session.executemany(insert, [("Ann", "Here", "1"), ("Ben", "There", "2")])
            rows = await session.fetch("SELECT name, city, telephone FROM owner ORDER BY name")
            assert [tuple(row) for row in rows] == [
                ("Ann", "Here", "1"),
                ("Ben", "There", "2"),
                ("John Doe", "Anytown", None),
            ]
            with pytest.raises(ValueError, match="changed my mind"):
                async with session.transaction():
                    assert await session.execute("DELETE FROM owner") == "DELETE 3"
                    raise ValueError("changed my mind")
            with pytest.raises(asyncpg.UniqueViolationError):
                await session.execute("INSERT INTO owner SELECT * FROM owner")
            # A cursor of the server's, row by row.
            async with session.transaction():
                names = [
                    row["name"]
                    async for row in session.cursor("SELECT name FROM owner ORDER BY name")
                ]
            assert names == ["Ann", "Ben", "John Doe"]
            await session.execute("DROP TABLE owner")
            with pytest.raises(asyncpg.UndefinedTableError):
                await session.fetch("SELECT * FROM owner")

    asyncio.run(scenario())


@AS_USERS
def test_who_loses_a_conflict_is_retried(user, schema):
    async def scenario(retry):
        attempts = 0

        async def increment(session):
            nonlocal attempts
            value = await session.fetchval("SELECT value FROM counter WHERE id = 1")
            attempts += 1
            if attempts == 1:
                await other.execute("UPDATE counter SET value = value + 10")
            await session.execute("UPDATE counter SET value = $1 WHERE id = 1", value + 1)

        async with connected(user, schema) as other:
            await other.execute("CREATE TABLE counter (id int PRIMARY KEY, value int NOT NULL)")
            try:
                await other.execute("INSERT INTO counter VALUES (1, 0)")
                async with await a_pool(user, schema, max_size=2, retry=retry) as pool:
                    await pool.run_transaction(increment)
                return attempts, await other.fetchval("SELECT value FROM counter")
            finally:
                await other.execute("DROP TABLE counter")

    assert asyncio.run(scenario(True)) == (2, 11)
    with pytest.raises(asyncpg.SerializationError, match=r"\(OC000\)$"):
        asyncio.run(scenario(None))


@AS_USERS
def test_many_at_once_lose_no_increment(user, schema):
    async def increment(session):
        value = await session.fetchval("SELECT value FROM counter WHERE id = 1")
        await session.execute("UPDATE counter SET value = $1 WHERE id = 1", value + 1)

    async def scenario():
        patient = aurora_dsql_asyncpg.OCCRetryConfig(max_retries=100)
        async with connected(user, schema) as other:
            await other.execute("CREATE TABLE counter (id int PRIMARY KEY, value int NOT NULL)")
            await other.execute("INSERT INTO counter VALUES (1, 0)")
            async with await a_pool(user, schema, max_size=8, retry=patient) as pool:
                await asyncio.gather(*(pool.run_transaction(increment) for _ in range(8)))
            value = await other.fetchval("SELECT value FROM counter")
            await other.execute("DROP TABLE counter")
            return value

    assert asyncio.run(scenario()) == 8


@AS_USERS
def test_psycopg_asynchronously(user, schema):
    async def configure(session):
        await session.set_autocommit(True)
        await session.execute(f"SET search_path = {schema}")
        await session.set_autocommit(False)

    async def scenario():
        pool = aurora_dsql_psycopg.create_async_pool(
            "", kwargs=verified(user), configure=configure, min_size=2, retry=True, open=False
        )

        async def work(number):
            async def select(session):
                cursor = await session.execute("SELECT %s, current_schema()", [number])
                return await cursor.fetchone()

            return await pool.run_transaction(select)

        async with pool:
            return await asyncio.gather(*(work(number) for number in range(8)))

    assert asyncio.run(scenario()) == [(number, schema) for number in range(8)]


@pytest.mark.parametrize("host, more", [(HOST, {}), (ID, {"region": REGION}), (ID, {})])
def test_the_cluster_is_named_by_host_and_by_id(host, more):
    async def scenario():
        trust = {key: verified("admin")[key] for key in ("sslmode", "sslrootcert")}
        session = await aurora_dsql_asyncpg.connect(host, port=PORT, **trust, **more)
        try:
            return await session.fetchrow(
                "SELECT current_user, current_setting('application_name')"
            )
        finally:
            await session.close()

    user, name = asyncio.run(scenario())
    assert user == "admin"
    assert name.startswith("aurora-dsql-python-asyncpg/0.")


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"custom_credentials_provider": unknown_key()}, "access denied"),
        ({"user": "nobody"}, "access denied"),
        ({"host": OTHER_CLUSTER}, "access denied"),
        ({"sslmode": "disable"}, "unable to accept connection"),
    ],
    ids=["unknown key", "unknown user", "no such cluster", "no TLS"],
)
# asyncpg leaves a refused connection to the garbage collector, which may come before the server's
# end of it has.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_is_refused(changed, message):
    with pytest.raises(asyncpg.PostgresError, match=message):
        asyncio.run(aurora_dsql_asyncpg.connect(**{**verified("admin"), **changed}))
    gc.collect()


def test_an_authority_that_did_not_sign_is_not_trusted(monkeypatch):
    # asyncpg's context trusts what the environment says besides the authority it is given.
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(OSError, match="certificate verify failed: unable to get"):
        asyncio.run(
            aurora_dsql_asyncpg.connect(**{**verified("admin"), "sslrootcert": OTHER_AUTHORITY})
        )


def test_the_certificate_must_have_the_name():
    with pytest.raises(OSError, match="certificate verify failed: Hostname mismatch"):
        asyncio.run(aurora_dsql_asyncpg.connect(**{**verified("admin"), "host": OTHER_REGION}))
