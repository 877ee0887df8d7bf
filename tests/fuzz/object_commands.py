"""Commands on objects: each kind of command meets objects of every kind, also those it is not for
and those that are built in."""

SETUP = """
create schema os;
create table ot (a int primary key, b text, s serial);
create view ov as select a, b from ot;
create sequence oq;
create index oi on ot (b);
create type oc as (a int);
create type oe as enum ('a', 'b');
create domain od as int constraint od_check check (value > 0);
create function of(int) returns int language sql as 'select 1';
create procedure op() language sql as 'select 1';
""".strip().split("\n")

OBJECTS = {
    "table": "ot ov oq oi oc oe pg_class pg_tables information_schema.tables nope pg_toast.nope",
    "view": "ov ot pg_tables pg_class oc",
    "index": "oi ot_pkey ot pg_class_oid_index oq",
    "sequence": "oq ot_s_seq ot oi pg_class",
    "materialized view": "ov ot",
    "type": "oc oe od int4 _int4 int4range ot pg_class record any trigger oe[] void unknown _oc",
    "domain": "od int4 oc information_schema.sql_identifier",
    "function": "of(int) of lower(text) lower count(*) op() row_number() int4in(cstring) nope()",
    "procedure": "op() of(int) op count(int)",
    "routine": 'op() of(int) count("any") row_number()',
    "aggregate": "count(*) sum(int4) of(int) lower(text) nope(*)",
    "schema": "os public pg_catalog information_schema pg_toast pg_temp nope",
    "database": "postgres nope",
    "language": "sql c internal plpgsql nope",
    "extension": "plpgsql nope",
    "role": "postgres nope public current_user session_user",
    "column": "ot.a ov.a oc.a pg_class.oid pg_tables.tablename oq.last_value oi.b ot.nope a",
    "collation": '"C" pg_catalog."default"',
    "tablespace": "pg_default",
    "access method": "btree",
    "server": "nope",
}

COMMANDS = """
alter {kind} {name} owner to current_user
alter {kind} {name} owner to public
alter {kind} {name} rename to renamed
alter {kind} {name} set schema os
alter {kind} {name} set schema pg_catalog
alter {kind} {name} set schema pg_temp
alter {kind} {name} depends on extension plpgsql
alter {kind} {name} rename column a to c
alter {kind} {name} rename attribute a to c
alter {kind} {name} rename constraint ot_pkey to c
alter {kind} {name} add column c int
alter {kind} {name} add attribute c int
alter {kind} {name} drop column a
alter {kind} {name} alter column a type text
alter {kind} {name} alter a set default 5
alter {kind} {name} alter a set not null
alter {kind} {name} alter a add generated always as identity
alter {kind} {name} alter a drop identity
alter {kind} {name} alter s set generated always
alter {kind} {name} alter a drop expression
alter {kind} {name} alter constraint ot_pkey deferrable
alter {kind} {name} drop constraint od_check
alter {kind} {name} drop constraint if exists nope
alter {kind} {name} add check (true)
alter {kind} {name} add primary key (a)
alter {kind} {name} add foreign key (a) references ot
alter {kind} {name} validate constraint ot_pkey
alter {kind} {name} set (fillfactor = 50)
alter {kind} {name} reset (fillfactor)
alter {kind} {name} restart
alter {kind} {name} owned by ot.a
alter {kind} {name} increment 2
alter {kind} {name} add value 'c'
alter {kind} {name} rename value 'a' to 'c'
alter {kind} {name} set default null
alter {kind} {name} drop not null
alter {kind} {name} set not null
alter {kind} {name} immutable
alter {kind} {name} set work_mem = 5
alter {kind} {name} reset all
comment on {kind} {name} is 'x'
comment on constraint ot_pkey on {name} is 'x'
grant all on {kind} {name} to current_user
grant select (a) on {kind} {name} to public
grant all (a, nope) on {kind} {name} to public
revoke all on {kind} {name} from postgres cascade
drop {kind} {name}
drop {kind} if exists {name} cascade
truncate {name}
lock {name}
reindex {kind} {name}
vacuum {name}
analyze {name} (a)
copy {name} to stdout
copy {name} (a) from stdin
refresh materialized view {name}
insert into {name} default values
insert into {name} values (1) on conflict do nothing returning *
update {name} set a = 1 returning *
delete from {name} returning *
merge into {name} using ot on true when matched then delete
select * from {name} for update
select {name} from {name}
select null::{name}
select row(1)::{name}
table {name}
call {name}
create index on {name} (a)
create view made as select * from {name}
create table made (like {name} including all)
create table made (a {name})
create table made (a int references {name})
create table made () inherits ({name})
create sequence made owned by {name}.a
create function made(a {name}) returns {name} language sql as 'select a'
create function made() returns setof {name} language plpgsql as 'begin return query select 1; end'
create trigger made before insert on {name} execute function of()
select nextval('{name}'), setval('{name}', 5)
select '{name}'::regclass
select '{name}'::regtype
select '{name}'::regprocedure
select pg_get_viewdef('{name}')
select pg_get_serial_sequence('{name}', 'a')
select has_table_privilege('{name}', 'select')
""".strip().split("\n")


def random_statements(rng, count):
    statements = list(SETUP)
    while len(statements) < count:
        kind = rng.choice(list(OBJECTS))
        of_kind = kind if rng.random() < 0.7 else rng.choice(list(OBJECTS))
        name = rng.choice(OBJECTS[of_kind].split())
        statements.append(rng.choice(COMMANDS).format(kind=kind, name=name) + ";")
    return statements
