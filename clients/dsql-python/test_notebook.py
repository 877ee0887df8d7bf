"""A notebook's cells, run by jupyter's nbclient in a kernel of its own."""

import nbclient
import nbformat
import pytest
from cluster import USERS

CONNECT = """
import os
import aurora_dsql_psycopg as dsql

connection = dsql.connect(
    host=os.environ["CLUSTER_ENDPOINT"], port=os.environ["CLUSTER_PORT"],
    region=os.environ["REGION"], user="{user}",
    sslmode="verify-full", sslrootcert=os.environ["CLUSTER_CA"],
    options="-c search_path={schema}",
)
connection.autocommit = True
cursor = connection.cursor()
"""
FILL = '''
cursor.execute("""
    CREATE TABLE owners (
        id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
        name varchar(30) NOT NULL, city varchar(80) NOT NULL)
""")
owners = [("John Doe", "Anytown"), ("Alice Smith", "Seattle"), ("Carol Davis", "Seattle")]
cursor.executemany("INSERT INTO owners (name, city) VALUES (%s, %s)", owners)
print(cursor.rowcount)
'''
SELECT = """
cursor.execute("SELECT city, count(*) FROM owners GROUP BY city ORDER BY city")
cursor.fetchall()
"""
CLOSE = """
cursor.execute("DROP TABLE owners")
connection.close()
"""


@pytest.mark.parametrize("user, schema", USERS)
def test_cells(user, schema, tmp_path, monkeypatch):
    for variable in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    cells = [CONNECT.format(user=user, schema=schema), FILL, SELECT, CLOSE]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in cells]
    )
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=60).execute(cwd=str(tmp_path))
    outputs = [cell.outputs for cell in notebook.cells]
    assert [len(output) for output in outputs] == [0, 1, 1, 0]
    assert outputs[1][0].text == "3\n"
    assert outputs[2][0].data["text/plain"] == "[('Anytown', 1), ('Seattle', 2)]"


def test_a_cell_that_is_refused():
    cell = nbformat.v4.new_code_cell(
        "import os, aurora_dsql_psycopg as dsql\n"
        "dsql.connect(os.environ['CLUSTER_ENDPOINT'], port=os.environ['CLUSTER_PORT'],"
        " user='nobody', sslmode='verify-full')"
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="access denied"):
        nbclient.NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
