"""pgvector's types with SQLAlchemy: models, distances in ORDER BY and WHERE, indexes,
reflection."""

import pytest
from pgvector import SparseVector
from pgvector.sqlalchemy import BIT, HALFVEC, SPARSEVEC, VECTOR, avg
from sqlalchemy import Index, Integer, cast, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from where import DSN, EXTENSION


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "orm_item"

    id = mapped_column(Integer, primary_key=True)
    embedding = mapped_column(VECTOR(3))
    half = mapped_column(HALFVEC(3))
    bits = mapped_column(BIT(3))
    sparse = mapped_column(SPARSEVEC(3))


Index(
    "orm_item_hnsw",
    Item.embedding,
    postgresql_using="hnsw",
    postgresql_with={"m": 16, "ef_construction": 64},
    postgresql_ops={"embedding": "vector_l2_ops"},
)
Index(
    "orm_item_half",
    cast(Item.embedding, HALFVEC(3)).label("as_half"),
    postgresql_using="hnsw",
    postgresql_ops={"as_half": "halfvec_cosine_ops"},
)


@pytest.fixture(scope="module")
def engine():
    made = create_engine(DSN.replace("postgresql:", "postgresql+psycopg:", 1))
    with made.begin() as connection:
        connection.execute(text(EXTENSION))
    Base.metadata.drop_all(made)
    Base.metadata.create_all(made)
    yield made
    Base.metadata.drop_all(made)
    made.dispose()


@pytest.fixture
def session(engine):
    with Session(engine) as opened:
        rows = [([1, 1, 1], "000"), ([2, 2, 2], "101"), ([1, 1, 2], "111")]
        opened.add_all(
            Item(id=i, embedding=row, half=row, bits=bits, sparse=SparseVector(row))
            for i, (row, bits) in enumerate(rows, 1)
        )
        opened.flush()
        yield opened


def test_reads_what_it_wrote(session):
    session.expire_all()
    item = session.get(Item, 3)
    assert list(item.embedding) == [1, 1, 2]
    assert list(item.half) == [1, 1, 2]
    assert item.sparse == SparseVector([1, 1, 2])


@pytest.mark.parametrize(
    "distance, nearest",
    [
        (Item.embedding.l2_distance([1, 1, 1]), [1, 3, 2]),
        (Item.embedding.max_inner_product([1, 1, 1]), [2, 3, 1]),
        (Item.embedding.cosine_distance([1, 1, 1]), [1, 2, 3]),
        (Item.embedding.l1_distance([1, 1, 1]), [1, 3, 2]),
        (Item.half.l2_distance([1, 1, 1]), [1, 3, 2]),
        (Item.sparse.l2_distance(SparseVector([1, 1, 1])), [1, 3, 2]),
        (Item.bits.hamming_distance("101"), [2, 3, 1]),
        (Item.bits.jaccard_distance("101"), [2, 3, 1]),
        (cast(Item.embedding, HALFVEC(3)).cosine_distance([1, 1, 1]), [1, 2, 3]),
    ],
)
def test_orders_by(session, distance, nearest):
    assert list(session.scalars(select(Item.id).order_by(distance, Item.id).limit(5))) == nearest


def test_filters_and_selects_distances(session):
    near = Item.embedding.l2_distance([1, 1, 1])
    assert list(session.scalars(select(Item.id).where(near < 1.5).order_by(Item.id))) == [1, 3]
    assert list(session.scalars(select(near).order_by(Item.id))) == pytest.approx([0, 3**0.5, 1])
    average = session.scalar(select(avg(Item.embedding)))
    assert list(average) == pytest.approx([4 / 3, 4 / 3, 5 / 3])


def test_an_index_serves_rows_of_this_transaction(engine):
    # A new table: rows that were rolled back take places in the answers of pgvector's index.
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    nearest = select(Item.id).order_by(Item.embedding.l2_distance([9, 9, 8])).limit(1)
    with Session(engine) as session:
        session.add_all([Item(id=1, embedding=[1, 1, 1]), Item(id=4, embedding=[9, 9, 9])])
        session.flush()
        assert session.scalar(nearest) == 4
        session.rollback()
        assert session.scalar(nearest) is None


def test_reflects(engine):
    columns = {column["name"]: column["type"] for column in inspect(engine).get_columns("orm_item")}
    assert isinstance(columns["embedding"], VECTOR) and columns["embedding"].dim == 3
    assert isinstance(columns["half"], HALFVEC) and isinstance(columns["sparse"], SPARSEVEC)
    indexes = {index["name"]: index for index in inspect(engine).get_indexes("orm_item")}
    assert set(indexes) == {"orm_item_hnsw", "orm_item_half"}
    assert indexes["orm_item_hnsw"]["dialect_options"]["postgresql_using"] == "hnsw"


def test_what_does_not_fit_is_refused(session):
    with pytest.raises(DBAPIError, match="expected 3 dimensions, not 2"):
        session.add(Item(id=5, embedding=[1, 2]))
        session.flush()
