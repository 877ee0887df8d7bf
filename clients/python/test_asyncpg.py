"""pgvector's package with asyncpg, whose parameters and results are binary."""

import asyncio
import io

import asyncpg
import pytest
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


def test_copies_records_to_a_table_and_back():
    async def run():
        connection = await connect()
        try:
            await connection.execute("drop table if exists async_copied")
            await connection.execute(
                "create table async_copied (id int, embedding vector(3), half halfvec(3), "
                "sparse sparsevec(3), label text)"
            )
            records = [
                (i, Vector([i, 1, 2]), HalfVector([i, 1, 2]), SparseVector([i, 0, 2]), f"row {i}")
                for i in range(1000)
            ]
            records.append((1000, None, None, None, None))
            tag = await connection.copy_records_to_table("async_copied", records=records)
            assert tag == "COPY 1001"
            rows = await connection.fetch("select * from async_copied order by id")
            assert [tuple(row) for row in rows] == records
            data = io.BytesIO()
            await connection.copy_from_table("async_copied", output=data, format="binary")
            data.seek(0)
            tag = await connection.copy_to_table("async_copied", source=data, format="binary")
            assert tag == "COPY 1001"
            twice = "select id from async_copied group by id having count(*) = 2"
            assert len(await connection.fetch(twice)) == 1001
            tag = await connection.copy_from_query(
                "select embedding from async_copied where id < $1", 2, output=data, format="binary"
            )
            assert tag == "COPY 4"
            await connection.execute("drop table async_copied")
        finally:
            await connection.close()

    asyncio.run(run())


def test_records_that_do_not_fit_are_refused():
    async def run():
        connection = await connect()
        try:
            await connection.execute("create temp table copied (embedding vector(3))")
            with pytest.raises(asyncpg.DataError, match="expected 3 dimensions, not 2"):
                await connection.copy_records_to_table("copied", records=[(Vector([1, 2]),)])
            assert await connection.fetchval("select count(*) from copied") == 0
        finally:
            await connection.close()

    asyncio.run(run())
