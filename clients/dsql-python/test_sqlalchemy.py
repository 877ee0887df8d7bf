"""aurora-dsql-sqlalchemy with both of its drivers: models of a pet clinic, index options,
reflection."""

import datetime

import aurora_dsql_sqlalchemy
import pytest
import sqlalchemy
from cluster import HOST, PORT, USERS, code_of, retrying, unknown_key
from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Integer
from sqlalchemy import MetaData, Sequence, String, Table, UniqueConstraint, event, func, inspect
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.exc import DBAPIError, IntegrityError, NoSuchTableError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.orm import selectinload


class Base(DeclarativeBase):
    pass


def uuid_key():
    return mapped_column(UUID, primary_key=True, default=text("gen_random_uuid()"))


class Owner(Base):
    __tablename__ = "owner"

    id: Mapped[str] = uuid_key()
    name: Mapped[str] = mapped_column(String(30))
    city: Mapped[str] = mapped_column(String(80))
    telephone: Mapped[str | None] = mapped_column(String(20), default=None)
    pets: Mapped[list["Pet"]] = relationship(
        primaryjoin="foreign(Pet.owner_id) == Owner.id", back_populates="owner", order_by="Pet.name"
    )


class Pet(Base):
    __tablename__ = "pet"

    id: Mapped[str] = uuid_key()
    name: Mapped[str] = mapped_column(String(30))
    birth_date: Mapped[datetime.date]
    owner_id: Mapped[str | None] = mapped_column(UUID)
    owner: Mapped["Owner"] = relationship(
        foreign_keys=[owner_id], primaryjoin="Owner.id == Pet.owner_id", back_populates="pets"
    )


class VetSpecialties(Base):
    __tablename__ = "vetSpecialties"

    id: Mapped[str] = uuid_key()
    vet_id: Mapped[str | None] = mapped_column(UUID)
    specialty_id: Mapped[str | None] = mapped_column(String(80))


class Specialty(Base):
    __tablename__ = "specialty"

    id: Mapped[str] = mapped_column("name", String(80), primary_key=True)


class Vet(Base):
    __tablename__ = "vet"

    id: Mapped[str] = uuid_key()
    name: Mapped[str] = mapped_column(String(30))
    specialties: Mapped[list["Specialty"]] = relationship(
        secondary=VetSpecialties.__table__,
        primaryjoin="foreign(VetSpecialties.vet_id) == Vet.id",
        secondaryjoin="foreign(VetSpecialties.specialty_id) == Specialty.id",
        order_by="Specialty.id",
    )


def make_engine(driver, user, schema, **options):
    engine = aurora_dsql_sqlalchemy.create_dsql_engine(
        host=HOST,
        user=user,
        driver=driver,
        connect_args={"port": PORT, **options.pop("connect_args", {})},
        **options,
    )

    @event.listens_for(engine, "connect", insert=True)
    def set_search_path(connection, _):
        before = connection.autocommit
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION search_path = '{schema}'")
        connection.autocommit = before

    return engine


@pytest.fixture(
    params=[(driver, *who) for driver in ("psycopg", "psycopg2") for who in USERS],
    ids=lambda which: f"{which[0]}-{which[1]}",
)
def engine(request):
    engine = make_engine(*request.param)
    engine.schema = request.param[2]
    try:
        yield engine
        leftovers = MetaData()
        retrying(leftovers.reflect, engine)
        leftovers.drop_all(engine)
    finally:
        engine.dispose()


def test_a_pet_clinic(engine):
    Base.metadata.create_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        john = Owner(name="John Doe", city="Anytown")
        mary = Owner(name="Mary Major", city="Anytown", telephone="555-555-0123")
        session.add_all(
            [
                Pet(name="Pet-1", birth_date=datetime.date(2006, 10, 25), owner=john),
                Pet(name="Pet-2", birth_date=datetime.date(2021, 7, 23), owner=mary),
                Pet(name="Pet-3", birth_date=datetime.date(2020, 2, 29), owner=mary),
            ]
        )
        session.commit()
        dogs, cats = Specialty(id="Dogs"), Specialty(id="Cats")
        session.add_all(
            [
                Vet(name="Akua Mansa", specialties=[dogs]),
                Vet(name="Carlos Salazar", specialties=[dogs, cats]),
                Vet(name="Nikki Wolf"),
            ]
        )
        session.commit()
    with Session(engine) as session:
        pet = session.scalars(select(Pet).where(Pet.name == "Pet-1")).one()
        assert (pet.birth_date, pet.owner.name) == (datetime.date(2006, 10, 25), "John Doe")
        owners = select(Owner).options(selectinload(Owner.pets)).order_by(Owner.name)
        assert [
            (owner.name, owner.telephone, [pet.name for pet in owner.pets])
            for owner in session.scalars(owners)
        ] == [("John Doe", None, ["Pet-1"]), ("Mary Major", "555-555-0123", ["Pet-2", "Pet-3"])]
        assert {
            vet.name: [specialty.id for specialty in vet.specialties]
            for vet in session.scalars(select(Vet))
        } == {"Akua Mansa": ["Dogs"], "Carlos Salazar": ["Cats", "Dogs"], "Nikki Wolf": []}
        by_city = (
            select(Owner.city, func.count(Pet.id))
            .join(Pet, Pet.owner_id == Owner.id)
            .group_by(Owner.city)
        )
        assert session.execute(by_city).all() == [("Anytown", 3)]
        pet.name = "Rex"
        session.delete(session.scalars(select(Vet).filter_by(name="Nikki Wolf")).one())
        session.flush()
        session.rollback()
        assert pet.name == "Pet-1"
        pet.owner.city = "Elsewhere"
        session.commit()
    with Session(engine) as session:
        assert session.scalars(select(Owner.city).order_by(Owner.city)).all() == [
            "Anytown",
            "Elsewhere",
        ]


def test_the_loser_of_a_conflict_gets_oc000(engine):
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Owner(name="John Doe", city="Anytown"))
        session.commit()
    with Session(engine) as first, Session(engine) as second:

        def owners():
            return [session.scalars(select(Owner)).one() for session in (first, second)]

        # The second connection may not have seen the definitions yet.
        for number, owner in enumerate(retrying_in([first, second], owners)):
            owner.city = f"Town {number}"
        first.commit()
        with pytest.raises(DBAPIError, match=r"\(OC000\)") as lost:
            second.commit()
        assert code_of(lost.value) == "40001"
        second.rollback()
        assert second.scalars(select(Owner.city)).one() == "Town 0"


def retrying_in(sessions, work):
    def attempt():
        for session in sessions:
            session.rollback()
        return work()

    return retrying(attempt)


def wait_for_indexes(engine):
    """The dialect does not hand up the jobs that build them; whoever waits for all has these."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for job in connection.scalars(text("SELECT job_id FROM sys.jobs")).all():
            retrying(connection.execute, text(f"CALL sys.wait_for_job('{job}')"))
        retrying(connection.execute, text("SELECT 1 FROM account"))


def test_index_options(engine):
    metadata = MetaData()
    table = Table(
        "account",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("name", String(50)),
        Column("email", String(50)),
        Column("code", String(10)),
    )
    Index("account_include", table.c.code, auroradsql_include=["name", table.c.email])
    Index("account_name", table.c.name, unique=True, auroradsql_nulls_not_distinct=True)
    Index("account_email", table.c.email, unique=True, auroradsql_nulls_not_distinct=False)
    metadata.create_all(engine)
    wait_for_indexes(engine)
    found = {index["name"]: index for index in inspect(engine).get_indexes("account")}
    assert sorted(found) == ["account_email", "account_include", "account_name"]
    assert found["account_include"]["column_names"] == ["code"]
    assert found["account_include"]["dialect_options"]["postgresql_include"] == ["name", "email"]
    assert not found["account_include"]["unique"]
    assert found["account_name"]["unique"]
    assert found["account_name"]["dialect_options"]["postgresql_nulls_not_distinct"]
    with engine.connect() as connection:
        [definition] = connection.scalars(
            text(
                "SELECT indexdef FROM pg_indexes"
                " WHERE schemaname = current_schema() AND indexname = 'account_include'"
            )
        ).all()
        assert definition.endswith("(code) INCLUDE (name, email)")
        connection.execute(table.insert(), [{"id": 1}])
        connection.commit()
        with pytest.raises(IntegrityError, match="account_name") as refused:
            connection.execute(table.insert(), [{"id": 2}])
        assert code_of(refused.value) == "23505"
        connection.rollback()
        connection.execute(table.insert(), [{"id": 2, "name": "second"}])
        connection.commit()
        assert connection.scalar(select(func.count()).select_from(table)) == 2


def test_reflection(engine):
    metadata = MetaData()
    Table("city", metadata, Column("name", String(80), primary_key=True), comment="of owners")
    Table(
        "person",
        metadata,
        Column("id", BigInteger, Identity(always=True, cache=1), primary_key=True),
        Column("name", String(30), nullable=False, server_default="nobody"),
        Column("city", String(80), ForeignKey("city.name")),
        Column("born", sqlalchemy.DateTime(timezone=True), server_default=func.now()),
        Column("weight", sqlalchemy.Numeric(6, 2)),
        Column("ok", sqlalchemy.Boolean),
        UniqueConstraint("name", "city", name="person_name_city"),
        CheckConstraint("weight > 0", name="person_weight"),
    )
    metadata.create_all(engine)
    inspector = inspect(engine)
    assert inspector.default_schema_name == engine.schema
    assert sorted(inspector.get_table_names()) == ["city", "person"]
    assert inspector.has_table("person") and not inspector.has_table("nosuch")
    columns = {column["name"]: column for column in inspector.get_columns("person")}
    assert [str(column["type"]) for column in columns.values()] == [
        "BIGINT", "VARCHAR(30)", "VARCHAR(80)", "TIMESTAMP", "NUMERIC(6, 2)", "BOOLEAN",
    ]
    assert [name for name, column in columns.items() if not column["nullable"]] == ["id", "name"]
    assert columns["name"]["default"] == "'nobody'::character varying"
    assert columns["born"]["default"] == "now()"
    assert columns["born"]["type"].timezone
    assert columns["id"]["identity"]["cache"] == 1
    assert columns["id"]["identity"]["start"] == 1
    assert inspector.get_pk_constraint("person")["constrained_columns"] == ["id"]
    [unique] = inspector.get_unique_constraints("person")
    assert (unique["name"], unique["column_names"]) == ("person_name_city", ["name", "city"])
    [check] = inspector.get_check_constraints("person")
    assert (check["name"], "weight > " in check["sqltext"]) == ("person_weight", True)
    [foreign] = inspector.get_foreign_keys("person")
    assert (foreign["constrained_columns"], foreign["referred_table"]) == (["city"], "city")
    with pytest.raises(NoSuchTableError):
        inspector.get_columns("nosuch")
    reflected = MetaData()
    reflected.reflect(engine)
    with engine.begin() as connection:
        person = reflected.tables["person"]
        added = connection.execute(
            person.insert().values(name="Ann", weight="60.50").returning(person)
        ).one()
        assert (added.name, str(added.weight), added.city) == ("Ann", "60.50", None)
        assert added.born.tzinfo is not None


def test_sequences_identities_and_json(engine):
    metadata = MetaData()
    numbered = Sequence("ticket_numbers", start=100, metadata=metadata)
    table = Table(
        "ticket",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("number", BigInteger, numbered),
        Column("payload", sqlalchemy.String),
    )
    metadata.create_all(engine)
    assert "ticket_numbers" in inspect(engine).get_sequence_names()
    with engine.begin() as connection:
        rows = [
            connection.execute(table.insert().values(payload=name).returning(table)).one()
            for name in ("one", "two")
        ]
        assert [(row.number, row.payload) for row in rows] == [(100, "one"), (101, "two")]
        assert rows[1].id > rows[0].id
        document = {"a": [1, None]}
        assert connection.scalar(select(sqlalchemy.cast(document, JSONB))) == document
    with engine.connect() as connection:
        with pytest.raises(DBAPIError) as refused:
            connection.execute(text("SELECT 1/0"))
        assert code_of(refused.value) == "22012"
    metadata.drop_all(engine)
    refused_cache = Table(
        "refused", MetaData(), Column("id", BigInteger, Identity(cache=2), primary_key=True)
    )
    with pytest.raises(DBAPIError, match="CACHE"):
        refused_cache.create(engine)


def test_application_name_and_version(engine):
    with engine.connect() as connection:
        name = connection.scalar(text("SELECT current_setting('application_name')"))
    assert name.startswith(f"sqlalchemy:aurora-dsql-python-{engine.dialect.driver}/0.")
    assert engine.dialect.server_version_info >= (15,)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_an_unknown_key_is_refused(driver):
    engine = make_engine(
        driver, "admin", "public", connect_args={"custom_credentials_provider": unknown_key()}
    )
    with pytest.raises(DBAPIError, match="access denied"):
        engine.connect()
