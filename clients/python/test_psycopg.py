"""pgvector's package with psycopg 3: adapters in text and binary, COPY, a pool."""

import psycopg
import pytest
from pgvector import Bit, HalfVector, SparseVector, Vector
from pgvector.psycopg import register_vector
from psycopg_pool import ConnectionPool
from where import DSN, EXTENSION

ROWS = [[1, 1, 1], [2, 2, 2], [1, 1, 2]]


@pytest.fixture
def connection():
    with psycopg.connect(DSN, autocommit=True) as opened:
        opened.execute(EXTENSION)
        register_vector(opened)
        opened.execute("drop table if exists items")
        opened.execute(
            "create table items (id bigserial primary key, embedding vector(3), "
            "half halfvec(3), bits bit(3), sparse sparsevec(3))"
        )
        yield opened
        opened.execute("drop table items")


@pytest.mark.parametrize("binary", [False, True])
def test_each_type_comes_back_as_it_went(connection, binary):
    sent = (Vector([1.5, 2, 3]), HalfVector([1.5, 2, 3]), Bit("101"), SparseVector([0, 2, 3]))
    mark = "%b" if binary else "%t"
    connection.execute(
        "insert into items (embedding, half, bits, sparse) "
        f"values ({mark}, {mark}, {mark}, {mark}), (null, null, null, null)",
        sent,
    )
    with connection.cursor(binary=binary) as cursor:
        cursor.execute("select embedding, half, bits, sparse from items order by id")
        first, second = cursor.fetchall()
    assert first[0] == sent[0] and first[1] == sent[1] and first[3] == sent[3], first
    assert first[2] == (Bit("101").to_binary() if binary else "101")
    assert second == (None, None, None, None)


@pytest.mark.parametrize("method", ["hnsw", "ivfflat"])
@pytest.mark.parametrize("binary", [False, True])
def test_nearest_neighbours_with_an_index(connection, method, binary):
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into items (embedding) values (%s)", [(Vector(row),) for row in ROWS]
        )
    options = "" if method == "hnsw" else "with (lists = 1)"
    connection.execute(f"create index on items using {method} (embedding vector_l2_ops) {options}")
    mark = "%b" if binary else "%s"
    found = connection.execute(
        f"select id from items order by embedding <-> {mark} limit 5", (Vector([1, 1, 1]),)
    ).fetchall()
    assert found == [(1,), (3,), (2,)]
    connection.execute("insert into items (embedding) values ('[1,1,1.5]')")
    connection.execute("delete from items where id = 1")
    nearest = connection.execute(
        f"select id from items order by embedding <-> {mark} limit 1", (Vector([1, 1, 1]),)
    ).fetchone()
    assert nearest == (4,)


def test_bits(connection):
    connection.execute("insert into items (bits) values ('111'), ('100'), ('010')")
    connection.execute("create index on items using hnsw (bits bit_hamming_ops)")
    found = connection.execute(
        "select id from items order by bits <~> %s, id limit 5", (Bit("110"),)
    ).fetchall()
    assert found == [(1,), (2,), (3,)]


def test_aggregates_and_arrays(connection):
    for row in ROWS:
        connection.execute("insert into items (embedding) values (%s)", (Vector(row),))
    aggregates = "select avg(embedding), sum(embedding) from items"
    average, total = connection.execute(aggregates).fetchone()
    assert total == Vector([4, 4, 5])
    assert average.to_list() == pytest.approx([4 / 3, 4 / 3, 5 / 3])
    embeddings = [Vector([1, 2, 3]), Vector([4, 5, 6])]
    assert connection.execute("select %s::vector[]", (embeddings,)).fetchone()[0] == embeddings


def test_copy(connection):
    with connection.cursor().copy("copy items (embedding, sparse) from stdin") as copy:
        for row in ROWS:
            copy.write_row([Vector(row), SparseVector(row)])
    same = "select count(*) from items where sparse::vector = embedding"
    assert connection.execute(same).fetchone() == (3,)


def test_copy_in_binary(connection):
    with connection.cursor() as cursor:
        statement = "copy items (embedding, half, bits, sparse) from stdin with (format binary)"
        with cursor.copy(statement) as copy:
            copy.set_types(["vector", "halfvec", "bit", "sparsevec"])
            for row in ROWS:
                copy.write_row([Vector(row), HalfVector(row), Bit("101"), SparseVector(row)])
            copy.write_row([None] * 4)
        same = "sparse::vector = embedding and half::vector = embedding and bits = '101'"
        assert cursor.execute(f"select count(*) from items where {same}").fetchone() == (3,)
        statement = "copy (select id, embedding from items order by id) to stdout (format binary)"
        with cursor.copy(statement) as copy:
            copy.set_types(["int8", "vector"])
            rows = list(copy.rows())
    assert rows == [(i + 1, Vector(row)) for i, row in enumerate(ROWS)] + [(4, None)]


def test_a_binary_copy_of_many_vectors(connection):
    count = 5000
    with connection.cursor().copy("copy items (embedding) from stdin with (format binary)") as copy:
        copy.set_types(["vector"])
        for i in range(count):
            copy.write_row([Vector([i, 1, 0])])
    found = connection.execute(
        "select count(*), sum(embedding), max(id) from items"
    ).fetchone()
    assert found == (count, Vector([count * (count - 1) // 2, count, 0]), count)


def test_a_binary_copy_that_does_not_fit_is_refused(connection):
    with pytest.raises(psycopg.errors.DataException, match="expected 3 dimensions, not 2") as error:
        with connection.cursor().copy("copy items (embedding) from stdin (format binary)") as copy:
            copy.set_types(["vector"])
            copy.write_row([Vector([1, 2, 3])])
            copy.write_row([Vector([1, 2])])
    assert error.value.diag.context == "COPY items, line 2, column embedding"
    assert connection.execute("select count(*) from items").fetchone() == (0,)


def test_a_pool(connection):
    with ConnectionPool(DSN, configure=register_vector, min_size=1, max_size=2) as pool:
        with pool.connection() as pooled:
            pooled.execute("insert into items (embedding) values (%s)", (Vector([1, 2, 3]),))
        with pool.connection() as pooled:
            assert pooled.execute("select embedding from items").fetchone()[0] == Vector([1, 2, 3])


def test_what_does_not_fit_is_refused(connection):
    with pytest.raises(psycopg.errors.DataException, match="expected 3 dimensions, not 2"):
        connection.execute("insert into items (embedding) values (%s)", (Vector([1, 2]),))
    with pytest.raises(psycopg.errors.DataException, match="different vector dimensions 3 and 2"):
        connection.execute("select '[1,2,3]'::vector <-> '[1,2]'")
