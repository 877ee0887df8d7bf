"""pgvector's package with asyncpg, whose parameters and results are binary."""

import asyncio

import asyncpg
from pgvector import HalfVector, SparseVector, Vector
from pgvector.asyncpg import register_vector
from where import DSN, EXTENSION


async def connect():
    connection = await asyncpg.connect(DSN)
    await connection.execute(EXTENSION)
    await register_vector(connection)
    return connection


def test_stores_reads_and_finds():
    async def run():
        connection = await connect()
        try:
            await connection.execute("drop table if exists async_items")
            await connection.execute(
                "create table async_items (id bigserial primary key, embedding vector(3), "
                "half halfvec(3), sparse sparsevec(3), bits bit(3))"
            )
            sent = (Vector([1.5, 2, 3]), HalfVector([1.5, 2, 3]), SparseVector([0, 2, 3]))
            await connection.execute(
                "insert into async_items (embedding, half, sparse, bits) values ($1, $2, $3, $4), "
                "(null, null, null, null)",
                *sent,
                asyncpg.BitString("101"),
            )
            rows = await connection.fetch("select * from async_items order by id")
            assert tuple(rows[0])[1:4] == sent
            assert rows[0]["bits"].as_string().replace(" ", "") == "101"
            assert tuple(rows[1]) == (2, None, None, None, None)
            await connection.execute(
                "create index on async_items using hnsw (embedding vector_cosine_ops)"
            )
            await connection.executemany(
                "insert into async_items (embedding) values ($1)",
                [(Vector([3, 2, 1]),), (Vector([1, 0, 0]),)],
            )
            found = await connection.fetch(
                "select id from async_items order by embedding <=> $1 limit 2", Vector([1, 0, 0])
            )
            assert [row["id"] for row in found] == [4, 3]
            await connection.execute("drop table async_items")
        finally:
            await connection.close()

    asyncio.run(run())


def test_many_at_once_and_an_array():
    async def run():
        connection = await connect()
        try:
            await connection.execute("create temp table copied (embedding vector(3))")
            vectors = [Vector([1, 2, 3]), Vector([4, 5, 6])]
            await connection.executemany(
                "insert into copied values ($1)", [(vector,) for vector in vectors]
            )
            assert await connection.fetchval("select array_agg(embedding) from copied") == vectors
        finally:
            await connection.close()

    asyncio.run(run())
