"""pgvector's fields with Django: migrations that make extension, table and indexes, distances."""

import django
import pytest
from django.conf import settings
from where import DATABASE, PARTS, PASSWORD, USER

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": PARTS.hostname,
            "PORT": PARTS.port,
            "USER": USER,
            "PASSWORD": PASSWORD,
            "NAME": DATABASE,
        }
    },
    INSTALLED_APPS=["django.contrib.postgres"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.db import connection, migrations, models  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.db.models import Avg  # noqa: E402
from pgvector import Bit, HalfVector, SparseVector  # noqa: E402
from pgvector.django import BitField, CosineDistance, HalfVectorField  # noqa: E402
from pgvector.django import HammingDistance  # noqa: E402
from pgvector.django import HnswIndex, IvfflatIndex, JaccardDistance, L1Distance  # noqa: E402
from pgvector.django import L2Distance, MaxInnerProduct, SparseVectorField  # noqa: E402
from pgvector.django import VectorExtension, VectorField  # noqa: E402

FIELDS = {
    "embedding": VectorField(dimensions=3, null=True, blank=True),
    "half": HalfVectorField(dimensions=3, null=True, blank=True),
    "bits": BitField(length=3, null=True, blank=True),
    "sparse": SparseVectorField(dimensions=3, null=True, blank=True),
}
INDEXES = [
    HnswIndex(
        name="django_hnsw",
        fields=["embedding"],
        m=16,
        ef_construction=64,
        opclasses=["vector_l2_ops"],
    ),
    IvfflatIndex(name="django_ivf", fields=["embedding"], lists=1, opclasses=["vector_ip_ops"]),
]


class Item(models.Model):
    embedding = VectorField(dimensions=3, null=True, blank=True)
    half = HalfVectorField(dimensions=3, null=True, blank=True)
    bits = BitField(length=3, null=True, blank=True)
    sparse = SparseVectorField(dimensions=3, null=True, blank=True)

    class Meta:
        app_label = "shop"
        db_table = "django_item"


class Migration(migrations.Migration):
    initial = True
    operations = [
        VectorExtension(),
        migrations.CreateModel(
            "Item",
            [("id", models.BigAutoField(primary_key=True)), *FIELDS.items()],
            options={"db_table": "django_item"},
        ),
        *(migrations.AddIndex("item", index) for index in INDEXES),
    ]


@pytest.fixture(scope="module")
def table():
    migration = Migration("0001", "shop")
    state = MigrationLoader(connection, replace_migrations=False).project_state()
    with connection.schema_editor(atomic=True) as editor:
        migration.apply(state, editor)
    yield
    with connection.cursor() as cursor:
        cursor.execute("drop table django_item")
    connection.close()


@pytest.fixture
def items(table):
    Item.objects.all().delete()
    Item.objects.bulk_create(
        Item(id=i, embedding=row, half=HalfVector(row), bits=bits, sparse=SparseVector(row))
        for i, row, bits in [(1, [1, 1, 1], "000"), (2, [2, 2, 2], "101"), (3, [1, 1, 2], "111")]
    )
    return Item.objects


def test_reads_what_it_wrote(items):
    item = items.get(pk=3)
    assert list(item.embedding) == [1, 1, 2]
    assert item.half == HalfVector([1, 1, 2]) or list(item.half) == [1, 1, 2]
    assert item.bits == "111" or item.bits == Bit("111")
    assert item.sparse == SparseVector([1, 1, 2])
    items.create(id=4)
    assert items.get(pk=4).embedding is None


@pytest.mark.parametrize(
    "distance, nearest",
    [
        (L2Distance("embedding", [1, 1, 1]), [1, 3, 2]),
        (MaxInnerProduct("embedding", [1, 1, 1]), [2, 3, 1]),
        (CosineDistance("embedding", [1, 1, 1]), [1, 2, 3]),
        (L1Distance("embedding", [1, 1, 1]), [1, 3, 2]),
        (L2Distance("half", HalfVector([1, 1, 1])), [1, 3, 2]),
        (L2Distance("sparse", SparseVector([1, 1, 1])), [1, 3, 2]),
        (HammingDistance("bits", "101"), [2, 3, 1]),
        (JaccardDistance("bits", "101"), [2, 3, 1]),
    ],
)
def test_orders_by(items, distance, nearest):
    assert [item.id for item in items.order_by(distance, "id")[:5]] == nearest


def test_annotates_filters_and_averages(items):
    near = items.alias(distance=L2Distance("embedding", [1, 1, 1])).filter(distance__lt=1.5)
    assert sorted(item.id for item in near) == [1, 3]
    first = items.annotate(distance=L2Distance("embedding", [1, 1, 1])).order_by("distance").first()
    assert (first.id, first.distance) == (1, 0)
    average = items.aggregate(average=Avg("embedding"))["average"]
    assert list(average) == pytest.approx([4 / 3, 4 / 3, 5 / 3])


def test_its_indexes_are_there(table):
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "django_item")
    kinds = {name: made["type"] for name, made in constraints.items() if made["index"]}
    assert kinds["django_hnsw"] == "hnsw" and kinds["django_ivf"] == "ivfflat"
