#!/usr/bin/env python3
"""Records PostgreSQL 15's built-in catalog rows as the data files the server embeds.

    tests/oracle/record_catalog.py [--check]

A pristine private PostgreSQL 15 is started and asked. Each file is PostgreSQL's COPY text format: a
header line, tab-separated fields, `\\N` for null, backslash escapes, rows sorted by object id. With
--check nothing is written: differences to the files in the tree are printed and make the exit code
1.

Only interface facts are recorded (names, object ids, signatures, properties): descriptions are
prose and stay out.
"""

import argparse
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from oracle.postgres import Postgres, binary_folder  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

# An array of a row type counts as a row type.
PLAIN_TYPE = """
  t.typrelid = 0
  and not exists (select from pg_type e where e.oid = t.typelem and t.typcategory = 'A' and
  e.typrelid <> 0) and t.typnamespace <> 'pg_toast'::regnamespace"""

REGPROCS_OF_TYPE = [
    "typsubscript",
    "typinput",
    "typoutput",
    "typreceive",
    "typsend",
    "typmodin",
    "typmodout",
    "typanalyze",
]


def oid_and_name(columns, table):
    """A regproc column as two: `c` holds the object id, `c_name` the function's bare name (null if
    none)."""
    return ", ".join(
        f"{table}.{c}::oid as {c}, "
        f"(select p.proname from pg_proc p where p.oid = {table}.{c}::oid) as {c}_name"
        for c in columns
    )


BUILTIN = "oid < 16384"

# What one folder embeds: file name -> query. Queries sort their rows themselves.
FILES = {
    "src/types/builtin_types.tsv": f"""
        select t.oid, t.typname, t.typnamespace, t.typlen, t.typbyval, t.typtype, t.typcategory,
               t.typispreferred, t.typdelim, t.typrelid, t.typelem, t.typarray,
               {oid_and_name(REGPROCS_OF_TYPE, "t")},
               t.typalign, t.typstorage, t.typnotnull, t.typbasetype, t.typtypmod, t.typndims,
               t.typcollation, t.typdefault
        from pg_type t where {PLAIN_TYPE} order by t.oid""",
    "src/types/builtin_ranges.tsv": f"""
        select r.rngtypid, r.rngsubtype, r.rngmultitypid, r.rngcollation, r.rngsubopc,
               {oid_and_name(["rngcanonical", "rngsubdiff"], "r")}
        from pg_range r order by rngtypid""",
    "src/functions/builtin_procs.tsv": """
        select p.oid, p.proname, p.pronamespace, p.prokind, p.proisstrict, p.proretset,
        p.provolatile,
               p.proparallel, p.prosecdef, p.proleakproof, p.pronargs, p.pronargdefaults,
               p.prorettype, p.proargtypes, p.proallargtypes, p.proargmodes, p.proargnames,
               p.provariadic, l.lanname as prolang, p.prosrc, p.probin, p.prosupport::oid as
               prosupport, p.procost, p.prorows, pg_get_expr(p.proargdefaults, 0) as proargdefaults
        from pg_proc p join pg_language l on l.oid = p.prolang where p.oid < 16384 order by
        p.oid""",
    "src/functions/builtin_operators.tsv": f"""
        select o.oid, o.oprname, o.oprkind, o.oprcanmerge, o.oprcanhash, o.oprleft, o.oprright,
        o.oprresult,
               o.oprcom, o.oprnegate, {oid_and_name(["oprcode", "oprrest", "oprjoin"], "o")}
        from pg_operator o order by o.oid""",
    "src/functions/builtin_casts.tsv": f"""
        select c.oid, c.castsource, c.casttarget, c.castcontext, c.castmethod,
        {oid_and_name(["castfunc"], "c")} from pg_cast c order by c.oid""",
    "src/functions/builtin_aggregates.tsv": """
        select a.aggfnoid::oid as aggfnoid, (select proname from pg_proc where oid = a.aggfnoid) as
        aggname,
               a.aggkind, a.aggnumdirectargs,
               """
    + oid_and_name(
        [
            "aggtransfn",
            "aggfinalfn",
            "aggcombinefn",
            "aggserialfn",
            "aggdeserialfn",
            "aggmtransfn",
            "aggminvtransfn",
            "aggmfinalfn",
        ],
        "a",
    )
    + """,
               a.aggfinalextra, a.aggmfinalextra, a.aggfinalmodify, a.aggmfinalmodify, a.aggsortop,
               a.aggtranstype, a.aggtransspace, a.aggmtranstype, a.aggmtransspace, a.agginitval,
               a.aggminitval
        from pg_aggregate a order by 1""",
    "src/catalog/builtin/am.tsv": """
        select oid, amname, amhandler::oid as amhandler, amtype
        from pg_am order by oid """,
    "src/catalog/builtin/opfamily.tsv": """
        select oid, opfmethod, opfname, opfnamespace
        from pg_opfamily order by oid """,
    "src/catalog/builtin/opclass.tsv": """
        select oid, opcmethod, opcname, opcnamespace, opcfamily, opcintype, opcdefault, opckeytype
        from pg_opclass order by oid""",
    "src/catalog/builtin/amop.tsv": """
        select oid, amopfamily, amoplefttype, amoprighttype, amopstrategy, amoppurpose, amopopr,
        amopmethod,
               amopsortfamily
        from pg_amop order by oid""",
    "src/catalog/builtin/amproc.tsv": """
        select oid, amprocfamily, amproclefttype, amprocrighttype, amprocnum, amproc::oid as amproc
        from pg_amproc order by oid""",
    "src/catalog/builtin/collation.tsv": """
        select oid, collname, collnamespace, collprovider, collisdeterministic, collencoding,
        collcollate, collctype,
               colliculocale, collversion
        from pg_collation where collname in ('default', 'C', 'POSIX', 'ucs_basic', 'C.utf8',
        'C.UTF-8') order by oid""",
    "src/catalog/builtin/keywords.tsv":
        "select word, catcode, barelabel, catdesc, baredesc from pg_get_keywords() order by 1",
    "src/catalog/builtin/language.tsv": """
        select oid, lanname, lanispl, lanpltrusted, lanplcallfoid, laninline, lanvalidator from
        pg_language order by oid""",
    "src/catalog/builtin/namespace.tsv": """
        select oid, nspname, nspacl
        from pg_namespace order by oid """,
    "src/catalog/builtin/conversion.tsv": """
        select oid, conname, connamespace, conforencoding, contoencoding, conproc::oid as conproc,
        condefault from pg_conversion order by oid""",
    "src/catalog/builtin/role.tsv": """
        select oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
        rolreplication,
               rolbypassrls, rolconnlimit
        from pg_authid order by oid""",
    "src/catalog/builtin/tablespace.tsv": "select oid, spcname from pg_tablespace order by oid",
    "src/catalog/builtin/ts_config.tsv": """
        select oid, cfgname, cfgnamespace, cfgparser
        from pg_ts_config order by oid """,
    "src/catalog/builtin/ts_dict.tsv": """
        select oid, dictname, dictnamespace, dicttemplate, dictinitoption
        from pg_ts_dict order by oid """,
    "src/catalog/builtin/ts_parser.tsv": """
        select oid, prsname, prsnamespace
        from pg_ts_parser order by oid """,
    "src/catalog/builtin/ts_template.tsv": """
        select oid, tmplname, tmplnamespace
        from pg_ts_template order by oid """,
    # What this run sets on the command line, and where its folder lies, is no default.
    "src/catalog/builtin/settings.tsv": """
        select name, case when source = 'command line' then boot_val
                          when name ~ '(^data_directory|_file)$' then '' else setting end as
                          setting,
               unit, category, vartype, context, enumvals, case when name ~ '_file$' then null else
               boot_val end as boot_val, min_val, max_val
        from pg_settings order by name collate "C" """,
    "src/catalog/builtin/timezone_abbrevs.tsv": """
        select abbrev, utc_offset, is_dst
        from pg_timezone_abbrevs order by abbrev collate "C" """,
    "src/catalog/builtin/relations.tsv": """
        select c.oid, n.nspname, c.relname, c.relkind, c.reltype, c.relisshared, t.typarray,
            a.typname as arrayname
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_type t on t.oid = c.reltype
        join pg_type a on a.oid = t.typarray
        where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') order by
        c.oid""",
    "src/catalog/builtin/columns.tsv": """
        select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attndims,
        a.attcollation from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n
        on n.oid = c.relnamespace where n.nspname in ('pg_catalog', 'information_schema') and
        c.relkind in ('r', 'v') and a.attnum > 0 order by a.attrelid, a.attnum""",
    "src/catalog/builtin/indexes.tsv": """
        select i.indexrelid, i.indrelid, c.relname, i.indisunique, i.indisprimary, i.indimmediate,
        i.indkey,
               i.indclass, i.indcollation, i.indoption
        from pg_index i join pg_class c on c.oid = i.indexrelid
        where c.relnamespace = 'pg_catalog'::regnamespace order by i.indexrelid""",
}


def copy_out(server, query):
    """The query's rows in COPY's text format with a header line."""
    done = subprocess.run(
        [
            str(binary_folder() / "psql"),
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            server.connection_string,
            "-c",
            f"copy ({query}) to stdout with (format text, header)",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode() + query)
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--check", action="store_true", help="compare with the files in the tree, write nothing"
    )
    arguments = parser.parse_args()
    stale = []
    with Postgres() as server:
        for name, query in FILES.items():
            path = ROOT / name
            recorded = copy_out(server, query)
            if arguments.check:
                if not path.exists() or path.read_bytes() != recorded:
                    stale.append(name)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(recorded)
            print(f"{name}: {recorded.count(10) - 1} rows")
    for name in stale:
        print(f"{name} differs from what PostgreSQL 15 answers")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
