#include "cli/database_dump.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "cli/database_requests.h"
#include "cli/dump_order.h"
#include "cli/libpq.h"

namespace sundog::cli {

namespace {

constexpr const char* kHeader =
    "SET statement_timeout = 0;\n"
    "SET client_encoding = 'UTF8';\n"
    "SET standard_conforming_strings = on;\n"
    "SET check_function_bodies = false;\n"
    "SET client_min_messages = warning;\n"
    "SELECT pg_catalog.set_config('search_path', '', false);\n\n";

// Names come out whole where nothing is on the search path.
constexpr const char* kBegin =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = ''; "
    "SET LOCAL datestyle = iso; SET LOCAL intervalstyle = postgres; SET LOCAL row_security = off; "
    "SET LOCAL extra_float_digits = 1; SET LOCAL statement_timeout = 0";

// Each makes a column of statements; words in braces stand for one of the pieces below. {own}:
// whether a schema n is the user's.
constexpr std::string_view kOwn =
    "(n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sys'))";

// Whether a default f, or constraint o, calls functions that somebody made.
constexpr std::string_view kDefaultCalls = R"sql(EXISTS (SELECT FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
    AND d.refclassid = 'pg_catalog.pg_proc'::regclass))sql";
constexpr std::string_view kConstraintCalls = R"sql(EXISTS (SELECT FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = o.oid
    AND d.refclassid = 'pg_catalog.pg_proc'::regclass))sql";

struct Section {
  std::string_view title;
  std::string_view query;
};

constexpr std::array kBeforeData{
    Section{"schemas", R"sql(
SELECT format('CREATE SCHEMA %I;', n.nspname) FROM pg_catalog.pg_namespace n
WHERE {own} AND n.nspname <> 'public' ORDER BY n.oid)sql"},
    Section{"extensions", R"sql(
SELECT format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I;', e.extname, n.nspname)
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE {own} ORDER BY e.oid)sql"},
};

// Those of a domain that call functions are made after it and them; as those that are not valid.
constexpr std::string_view kTypes = R"sql(
SELECT oid, made FROM (
  SELECT t.oid, format('CREATE TYPE %s AS ENUM (%s);', t.oid::regtype,
      (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
       FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)) AS made
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE {own} AND t.typtype = 'e'
  UNION ALL
  SELECT t.oid, format('CREATE DOMAIN %s AS %s%s%s%s%s;', t.oid::regtype,
      format_type(t.typbasetype, t.typtypmod),
      (SELECT format(' COLLATE %I.%I', m.nspname, l.collname)
       FROM pg_catalog.pg_collation l
       JOIN pg_catalog.pg_namespace m ON m.oid = l.collnamespace
       JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype AND b.typcollation <> l.oid
       WHERE l.oid = t.typcollation),
      coalesce(' DEFAULT ' || t.typdefault, ''),
      CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END,
      (SELECT string_agg(format(' CONSTRAINT %I %s', o.conname, pg_get_constraintdef(o.oid)), ''
                         ORDER BY o.conname)
       FROM pg_catalog.pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c'
         AND o.convalidated AND NOT {calls:pg_constraint:o}))
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE {own} AND t.typtype = 'd'
  UNION ALL
  SELECT t.oid, format('CREATE TYPE %s AS (%s);', t.oid::regtype,
      (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '
                         ORDER BY a.attnum)
       FROM pg_catalog.pg_attribute a
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
  WHERE {own} AND t.typtype = 'c') types)sql";

constexpr std::string_view kFunctions = R"sql(
SELECT p.oid, pg_get_functiondef(p.oid) || ';'
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE {own} AND p.prokind IN ('f', 'p')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))sql";

constexpr std::string_view kSequences = R"sql(
SELECT c.oid, format('CREATE SEQUENCE %s AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s' ||
    ' START WITH %s CACHE %s%s;', c.oid::regclass, s.seqtypid::regtype, s.seqincrement, s.seqmin,
    s.seqmax, s.seqstart, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'))sql";

constexpr std::string_view kTables = R"sql(
SELECT c.oid, format(E'CREATE %sTABLE %s (%s\n)%s;',
    CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' ELSE '' END, c.oid::regclass,
    concat_ws(',',
      (SELECT string_agg(format(E'\n    %I %s%s%s%s', a.attname,
           format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attcollation <> t.typcollation
                THEN (SELECT format(' COLLATE %I.%I', cn.nspname, l.collname)
                      FROM pg_catalog.pg_collation l
                      JOIN pg_catalog.pg_namespace cn ON cn.oid = l.collnamespace
                      WHERE l.oid = a.attcollation) ELSE '' END,
           CASE WHEN a.attidentity <> '' THEN
                  format(' GENERATED %s AS IDENTITY (INCREMENT BY %s MINVALUE %s MAXVALUE %s' ||
                    ' START WITH %s CACHE %s%s)',
                    CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                    s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
                    CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
                WHEN a.attgenerated = 's' THEN
                  format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(f.adbin, f.adrelid))
                WHEN f.adbin IS NOT NULL AND NOT {calls:pg_attrdef:f} THEN
                  ' DEFAULT ' || pg_get_expr(f.adbin, f.adrelid)
                ELSE '' END,
           CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END), ',' ORDER BY a.attnum)
       FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
       LEFT JOIN pg_catalog.pg_sequence s ON a.attidentity <> '' AND s.seqrelid = to_regclass(
            pg_get_serial_sequence(c.oid::regclass::text, a.attname))
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
      (SELECT string_agg(format(E'\n    CONSTRAINT %I %s', o.conname, pg_get_constraintdef(o.oid)),
                         ',' ORDER BY o.conname)
       FROM pg_catalog.pg_constraint o
       WHERE o.conrelid = c.oid AND o.contype = 'c' AND o.convalidated
         AND NOT {calls:pg_constraint:o})),
    ' WITH (' || array_to_string(c.reloptions, ', ') || ')')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND c.relkind = 'r' AND c.relpersistence <> 't')sql";

constexpr std::string_view kDefaults = R"sql(
SELECT f.oid, format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s;', c.oid::regclass,
    a.attname, pg_get_expr(f.adbin, f.adrelid))
FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_class c ON c.oid = f.adrelid
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND c.relkind = 'r' AND c.relpersistence <> 't' AND a.attgenerated = ''
  AND {calls:pg_attrdef:f})sql";

constexpr std::string_view kChecks = R"sql(
SELECT o.oid, format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s;', c.oid::regclass, o.conname,
    pg_get_constraintdef(o.oid))
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND c.relkind = 'r' AND c.relpersistence <> 't' AND o.contype = 'c'
  AND o.convalidated AND {calls:pg_constraint:o})sql";

constexpr std::string_view kDomainChecks = R"sql(
SELECT o.oid, format('ALTER DOMAIN %s ADD CONSTRAINT %I %s;', t.oid::regtype, o.conname,
    pg_get_constraintdef(o.oid))
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_type t ON t.oid = o.contypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE {own} AND o.contype = 'c' AND o.convalidated AND {calls:pg_constraint:o})sql";

// With the checks that are not valid: there may be rows which do not satisfy them.
constexpr std::string_view kKeys = R"sql(
SELECT o.oid, format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s;', c.oid::regclass, o.conname,
    CASE WHEN i.reloptions IS NULL THEN pg_get_constraintdef(o.oid)
         ELSE regexp_replace(pg_get_constraintdef(o.oid), '( DEFERRABLE.*)?$',
                ' WITH (' || array_to_string(i.reloptions, ', ') || ')\1') END)
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class i ON i.oid = o.conindid
WHERE {own} AND c.relkind = 'r' AND c.relpersistence <> 't'
  AND (o.contype IN ('p', 'u', 'x') OR o.contype = 'c' AND NOT o.convalidated)
UNION ALL
SELECT o.oid, format('ALTER DOMAIN %s ADD CONSTRAINT %I %s;', t.oid::regtype, o.conname,
    pg_get_constraintdef(o.oid))
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_type t ON t.oid = o.contypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE {own} AND o.contype = 'c' AND NOT o.convalidated)sql";

constexpr std::string_view kViews = R"sql(
SELECT c.oid, format(E'CREATE VIEW %s%s%s AS\n%s', c.oid::regclass,
    (SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
     FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0),
    CASE WHEN c.reloptions IS NULL THEN '' ELSE
      format(' WITH (%s)', array_to_string(c.reloptions, ', ')) END,
    pg_get_viewdef(c.oid))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND c.relkind = 'v' AND c.relpersistence <> 't')sql";

// In the order of their kinds. The oid of each, in the catalog, and what makes it.
struct DefinitionSource {
  DefinitionKind kind;
  std::string_view catalog;
  std::string_view query;
};
constexpr std::array kDefinitions{
    DefinitionSource{DefinitionKind::kType, "pg_type", kTypes},
    // As soon as can be: a domain that columns have gets no checks.
    DefinitionSource{DefinitionKind::kType, "pg_constraint", kDomainChecks},
    DefinitionSource{DefinitionKind::kFunction, "pg_proc", kFunctions},
    DefinitionSource{DefinitionKind::kSequence, "pg_class", kSequences},
    DefinitionSource{DefinitionKind::kTable, "pg_class", kTables},
    DefinitionSource{DefinitionKind::kRule, "pg_attrdef", kDefaults},
    DefinitionSource{DefinitionKind::kRule, "pg_constraint", kChecks},
    DefinitionSource{DefinitionKind::kKey, "pg_constraint", kKeys},
    DefinitionSource{DefinitionKind::kView, "pg_class", kViews},
};

// Without what is made later than its table: that a sequence belongs to a column, foreign keys,
// triggers, policies. That what groups by a primary key needs it is recorded nowhere.
constexpr std::string_view kNeeds = R"sql(
SELECT d.classid, d.objid, d.refclassid, d.refobjid, d.deptype IN ('i', 'a')
FROM pg_catalog.pg_depend d LEFT JOIN pg_catalog.pg_constraint o
  ON d.classid = 'pg_catalog.pg_constraint'::regclass AND o.oid = d.objid
WHERE d.classid IN ('pg_catalog.pg_type'::regclass, 'pg_catalog.pg_proc'::regclass,
    'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_attrdef'::regclass,
    'pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_rewrite'::regclass)
  AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'a')
  AND o.contype IS DISTINCT FROM 'f'
GROUP BY 1, 2, 3, 4, 5
UNION
SELECT d.classid, d.objid, 'pg_catalog.pg_constraint'::regclass, o.oid, false
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_constraint o ON o.conrelid = d.refobjid AND o.contype = 'p'
WHERE d.refclassid = 'pg_catalog.pg_class'::regclass
  AND (d.classid = 'pg_catalog.pg_rewrite'::regclass
    OR d.classid = 'pg_catalog.pg_proc'::regclass
      AND pg_get_functiondef(d.objid) ~* 'group by'))sql";

constexpr std::array kOnDefinitions{
    Section{"owned sequences", R"sql(
SELECT format('ALTER SEQUENCE %s OWNED BY %s.%I;', d.objid::regclass, d.refobjid::regclass,
    a.attname)
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE {own} AND d.classid = 'pg_catalog.pg_class'::regclass
  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'a' ORDER BY c.oid)sql"},
};

// An item of an access list is GRANTEE=LETTERS/GRANTOR; no grantee is everyone.
constexpr std::string_view kGrantOfItem = R"sql(
    substring(item FROM '=([a-zA-Z*]*)/') AS letters,
    CASE WHEN item LIKE '"%' THEN replace(substring(item FROM '^"((?:[^"]|"")*)"='), '""', '"')
         ELSE substring(item FROM '^([^=]*)=') END AS grantee)sql";
// Of such an item g and a privilege m in it: whether the list `other` does not give that, too.
constexpr std::string_view kOnlyHere = R"sql(
NOT EXISTS (
  SELECT FROM (SELECT {grant_of_item} FROM unnest(g.other) AS item) h
  WHERE h.grantee = g.grantee AND strpos(h.letters, m.letter) > 0))sql";
// Of such items g, and privileges m by their letters: the last two arguments of a GRANT's format.
constexpr std::string_view kToGrantee = R"sql(
    CASE WHEN g.grantee = '' THEN 'PUBLIC' ELSE quote_ident(g.grantee) END,
    CASE WHEN strpos(g.letters, m.letter || '*') > 0 THEN ' WITH GRANT OPTION' ELSE '' END)sql";

// By the letters of access lists.
constexpr std::string_view kPrivileges = R"sql(
(VALUES ('r', 'SELECT'), ('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE'), ('D', 'TRUNCATE'),
    ('x', 'REFERENCES'), ('t', 'TRIGGER'), ('U', 'USAGE'), ('C', 'CREATE'), ('X', 'EXECUTE'))
  AS m (letter, privilege))sql";
// What there are privileges on, its access list and the one that it has where nothing is said. Of
// a new object's only everyone and its owner have any; its owner is who restores.
constexpr std::string_view kAccessLists = R"sql(
    SELECT 1 AS kind, n.nspname::text AS name, 'SCHEMA ' || quote_ident(n.nspname) AS object,
      n.nspacl::text[] AS acl, acldefault('n', n.nspowner)::text[] ||
        CASE n.nspname WHEN 'public' THEN ARRAY['=U/'] ELSE '{}'::text[] END AS base
    FROM pg_catalog.pg_namespace n WHERE {own} AND n.nspacl IS NOT NULL
    UNION ALL
    SELECT 2, c.oid::regclass::text,
      CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass,
      c.relacl::text[],
      acldefault((CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", c.relowner)::text[]
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE {own} AND c.relkind IN ('r', 'v', 'S') AND c.relpersistence <> 't'
      AND c.relacl IS NOT NULL
    UNION ALL
    SELECT 3, p.oid::regprocedure::text, 'ROUTINE ' || p.oid::regprocedure, p.proacl::text[],
      acldefault('f', p.proowner)::text[]
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE {own} AND p.proacl IS NOT NULL
    UNION ALL
    SELECT 4, t.oid::regtype::text, 'TYPE ' || t.oid::regtype, t.typacl::text[],
      acldefault('T', t.typowner)::text[]
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE {own} AND t.typtype IN ('e', 'd', 'c') AND t.typacl IS NOT NULL)sql";
// The same of what will be made: in a schema they are added to those that hold everywhere. Those of
// who dumps are for who restores.
constexpr std::string_view kDefaultLists = R"sql(
    SELECT
      CASE WHEN u.is_own THEN '' ELSE format(' FOR ROLE %I', u.role) END ||
        CASE WHEN n.oid IS NULL THEN '' ELSE format(' IN SCHEMA %I', n.nspname) END AS scope,
      CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
        WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END AS objects,
      CASE WHEN u.is_own THEN 'CURRENT_USER' ELSE quote_ident(u.role) END AS owner,
      d.defaclacl::text[] AS acl,
      CASE WHEN n.oid IS NULL THEN acldefault(
          (CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END)::"char",
          d.defaclrole)::text[] ELSE '{}'::text[] END AS base
    FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n
      ON n.oid = d.defaclnamespace
    CROSS JOIN LATERAL (SELECT pg_get_userbyid(d.defaclrole)::text AS role,
        pg_get_userbyid(d.defaclrole) = current_user AS is_own) u)sql";

constexpr std::array kAfterData{
    Section{"indexes", R"sql(
SELECT pg_get_indexdef(x.indexrelid) || ';'
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND c.relkind = 'r' AND c.relpersistence <> 't' AND x.indisvalid AND NOT EXISTS
  (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = x.indexrelid
   AND o.contype IN ('p', 'u', 'x'))
ORDER BY x.indexrelid)sql"},
    Section{"foreign keys", R"sql(
SELECT format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s;', c.oid::regclass, o.conname,
    pg_get_constraintdef(o.oid))
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND c.relkind = 'r' AND c.relpersistence <> 't' AND o.contype = 'f'
ORDER BY o.oid)sql"},
    Section{"triggers", R"sql(
SELECT pg_get_triggerdef(t.oid) || ';'
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND NOT t.tgisinternal ORDER BY t.oid)sql"},
    Section{"row-level security", R"sql(
SELECT concat_ws(E'\n',
    CASE WHEN c.relrowsecurity
         THEN format('ALTER TABLE ONLY %s ENABLE ROW LEVEL SECURITY;', c.oid::regclass) END,
    CASE WHEN c.relforcerowsecurity
         THEN format('ALTER TABLE ONLY %s FORCE ROW LEVEL SECURITY;', c.oid::regclass) END)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND c.relkind = 'r' AND (c.relrowsecurity OR c.relforcerowsecurity)
ORDER BY c.oid)sql"},
    Section{"policies", R"sql(
SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s;', p.polname, c.oid::regclass,
    CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                  WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
    (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ')
     FROM unnest(p.polroles) AS r),
    coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''),
    coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))
FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {own} ORDER BY p.oid)sql"},
    Section{"comments", R"sql(
SELECT made FROM (
  SELECT 1 AS kind, n.oid, 0 AS part, format('COMMENT ON SCHEMA %I IS %L;', n.nspname,
      obj_description(n.oid, 'pg_namespace')) AS made
  FROM pg_catalog.pg_namespace n
  WHERE {own} AND n.nspname <> 'public' AND obj_description(n.oid, 'pg_namespace') IS NOT NULL
  UNION ALL
  SELECT 2, c.oid, d.objsubid, CASE WHEN d.objsubid = 0 THEN format('COMMENT ON %s %s IS %L;',
      CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' THEN 'INDEX'
                     WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, c.oid::regclass, d.description)
    ELSE format('COMMENT ON COLUMN %s.%I IS %L;', c.oid::regclass, a.attname, d.description) END
  FROM pg_catalog.pg_description d JOIN pg_catalog.pg_class c ON c.oid = d.objoid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
  WHERE {own} AND d.classoid = 'pg_catalog.pg_class'::regclass
  UNION ALL
  SELECT 3, p.oid, 0, format('COMMENT ON ROUTINE %s IS %L;', p.oid::regprocedure, d.description)
  FROM pg_catalog.pg_description d JOIN pg_catalog.pg_proc p ON p.oid = d.objoid
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE {own} AND d.classoid = 'pg_catalog.pg_proc'::regclass
  UNION ALL
  SELECT 4, t.oid, 0, format('COMMENT ON TYPE %s IS %L;', t.oid::regtype, d.description)
  FROM pg_catalog.pg_description d JOIN pg_catalog.pg_type t ON t.oid = d.objoid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE {own} AND d.classoid = 'pg_catalog.pg_type'::regclass
  UNION ALL
  SELECT 5, o.oid, 0, format('COMMENT ON CONSTRAINT %I ON %s IS %L;', o.conname,
      o.conrelid::regclass, d.description)
  FROM pg_catalog.pg_description d JOIN pg_catalog.pg_constraint o ON o.oid = d.objoid
  JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE {own} AND d.classoid = 'pg_catalog.pg_constraint'::regclass) comments
ORDER BY kind, oid, part)sql"},
    Section{"privileges taken", R"sql(
SELECT format('REVOKE %s ON %s FROM %s;', m.privilege, g.object,
    CASE WHEN g.grantee = '' THEN 'PUBLIC' ELSE 'CURRENT_USER' END)
FROM (
  SELECT kind, name, object, acl AS other, {grant_of_item}
  FROM (SELECT kind, name, object, acl, unnest(base) AS item FROM ({access_lists}) lists) items) g
JOIN {privileges} ON strpos(g.letters, m.letter) > 0
WHERE {only_here}
ORDER BY g.kind, g.name, g.grantee, m.privilege)sql"},
    Section{"privileges", R"sql(
SELECT format('GRANT %s ON %s TO %s%s;', m.privilege, g.object,
    {to_grantee})
FROM (
  SELECT kind, name, object, base AS other, {grant_of_item}
  FROM (SELECT kind, name, object, base, unnest(acl) AS item FROM ({access_lists}) lists) items) g
JOIN {privileges} ON strpos(g.letters, m.letter) > 0
WHERE {only_here}
ORDER BY g.kind, g.name, g.grantee, m.privilege)sql"},
    Section{"privileges on columns", R"sql(
SELECT format('GRANT %s (%I) ON TABLE %s TO %s%s;', m.privilege, g.attname, g.relation,
    {to_grantee})
FROM (
  SELECT oid, attnum, attname, relation, {grant_of_item}
  FROM (
    SELECT c.oid, a.attnum, a.attname, c.oid::regclass AS relation, unnest(a.attacl)::text AS item
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE {own} AND c.relkind IN ('r', 'v') AND c.relpersistence <> 't' AND a.attnum > 0) items) g
JOIN {privileges} ON strpos(g.letters, m.letter) > 0
ORDER BY g.oid, g.attnum, g.grantee, m.privilege)sql"},
    Section{"default privileges taken", R"sql(
SELECT format('ALTER DEFAULT PRIVILEGES%s REVOKE %s ON %s FROM %s;', g.scope, m.privilege,
    g.objects, CASE g.grantee WHEN '' THEN 'PUBLIC' ELSE g.owner END)
FROM (
  SELECT scope, objects, owner, acl AS other, {grant_of_item}
  FROM (SELECT scope, objects, owner, acl, unnest(base) AS item FROM ({default_lists}) l) items) g
JOIN {privileges} ON strpos(g.letters, m.letter) > 0
WHERE {only_here}
ORDER BY g.scope, g.objects, g.grantee, m.privilege)sql"},
    Section{"default privileges", R"sql(
SELECT format('ALTER DEFAULT PRIVILEGES%s GRANT %s ON %s TO %s%s;', g.scope, m.privilege,
    g.objects, {to_grantee})
FROM (
  SELECT scope, objects, base AS other, {grant_of_item}
  FROM (SELECT scope, objects, base, unnest(acl) AS item FROM ({default_lists}) l) items) g
JOIN {privileges} ON strpos(g.letters, m.letter) > 0
WHERE {only_here}
ORDER BY g.scope, g.objects, g.grantee, m.privilege)sql"},
};

// A table's name, and the columns that COPY takes.
constexpr std::string_view kRowsOf = R"sql(
SELECT c.oid::regclass::text, (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {own} AND c.relkind = 'r' AND c.relpersistence <> 't' ORDER BY c.oid)sql";

// A sequence, where it stands, and whether that was given out; that of an identity column is found
// by the column, as its own name may differ. What stands at its start begins there.
constexpr std::string_view kPositions = R"sql(
SELECT coalesce(
  (SELECT format('pg_catalog.pg_get_serial_sequence(%L, %L)', d.refobjid::regclass, a.attname)
   FROM pg_catalog.pg_depend d
   JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
   WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'),
  quote_literal(c.oid::regclass)), at.last_value, at.is_called::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
CROSS JOIN LATERAL sys.fetch_seq_data_tuple(c.oid::regclass) AS at
WHERE {own} AND c.relkind = 'S' AND c.relpersistence <> 't'
  AND (at.is_called OR at.last_value <> s.seqstart) ORDER BY 1)sql";

using Rows = std::vector<std::vector<std::string>>;

class Dump {
 public:
  Dump(const std::string& connection_string, std::FILE* to, bool shows_progress)
      : connection_(Connect(connection_string)), to_(to), shows_progress_(shows_progress) {
    (void)Query(kBegin);
  }

  void Run(bool ddl_only) {
    Write("-- A database of Sundog, for psql.\n\n");
    Write(kHeader);
    for (const Section& section : kBeforeData) WriteSection(section);
    std::vector<Definition> definitions = ReadDefinitions();
    DefinitionOrder order = OrderDefinitions(definitions, ReadNeeds());
    WriteDefinitions("types, functions, sequences and tables", definitions, order.before_data);
    for (const Section& section : kOnDefinitions) WriteSection(section);
    if (!ddl_only) {
      WriteData();
      WriteSequences();
    }
    WriteDefinitions("keys, views and functions on them", definitions, order.after_data);
    for (const Section& section : kAfterData) WriteSection(section);
    if (shows_progress_) std::fputc('\n', stderr);
    for (size_t at : order.too_early) WarnOf(definitions[at]);
    (void)Query("COMMIT");
  }

 private:
  [[noreturn]] void Fail() const { throw CommandFailure(1, ErrorOf(connection_)); }

  Rows Query(const std::string& sql) {
    PgResult result(PQexec(connection_.get(), sql.c_str()));
    ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) Fail();
    Rows rows;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      auto& values = rows.emplace_back();
      for (int i = 0; i < PQnfields(result.get()); ++i) {
        values.emplace_back(PQgetvalue(result.get(), row, i));
      }
    }
    return rows;
  }
  static std::string Filled(std::string_view query) {
    std::string text(query);
    constexpr std::pair<std::string_view, std::string_view> kWords[] = {
        {"{calls:pg_attrdef:f}", kDefaultCalls},
        {"{calls:pg_constraint:o}", kConstraintCalls},
        {"{access_lists}", kAccessLists},
        {"{default_lists}", kDefaultLists},
        {"{privileges}", kPrivileges},
        {"{only_here}", kOnlyHere},
        {"{grant_of_item}", kGrantOfItem},
        {"{to_grantee}", kToGrantee},
        {"{own}", kOwn},
    };
    for (auto [word, value] : kWords) {
      for (size_t at; (at = text.find(word)) != std::string::npos;) {
        text.replace(at, word.size(), value);
      }
    }
    return text;
  }

  void Write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), to_) != text.size()) {
      throw std::runtime_error(fmt::format("could not write: {}", std::strerror(errno)));
    }
  }

  void WriteSection(const Section& section) {
    Rows rows = Query(Filled(section.query));
    if (rows.empty()) return;
    Write(fmt::format("--\n-- {}\n--\n\n", section.title));
    for (const auto& row : rows) Write(row[0] + "\n");
    Write("\n");
  }

  std::vector<Definition> ReadDefinitions() {
    std::vector<Definition> definitions;
    for (const DefinitionSource& source : kDefinitions) {
      uint32_t catalog = OidOf(Query(fmt::format("SELECT 'pg_catalog.{}'::regclass::oid",
                                                 source.catalog))[0][0]);
      for (auto& row : Query(Filled(source.query))) {
        definitions.push_back({source.kind, {catalog, OidOf(row[0])}, std::move(row[1])});
      }
    }
    return definitions;
  }

  std::vector<DefinitionNeed> ReadNeeds() {
    std::vector<DefinitionNeed> needs;
    for (const auto& row : Query(std::string(kNeeds))) {
      needs.push_back({{OidOf(row[0]), OidOf(row[1])}, {OidOf(row[2]), OidOf(row[3])},
                       row[4] == "t"});
    }
    return needs;
  }

  static uint32_t OidOf(const std::string& text) {
    return static_cast<uint32_t>(std::stoul(text));
  }

  void WriteDefinitions(std::string_view title, const std::vector<Definition>& definitions,
                        const std::vector<size_t>& order) {
    if (order.empty()) return;
    Write(fmt::format("--\n-- {}\n--\n\n", title));
    for (size_t at : order) Write(definitions[at].statement + "\n");
    Write("\n");
  }

  void WarnOf(const Definition& definition) {
    Rows name = Query(fmt::format("SELECT pg_describe_object({}, {}, 0)", definition.object.first,
                                  definition.object.second));
    std::fprintf(stderr,
                 "sundog: %s and something that it needs need each other; the script does not "
                 "restore it as it is\n",
                 name[0][0].c_str());
  }

  void WriteData() {
    Rows tables = Query(Filled(kRowsOf));
    for (size_t i = 0; i < tables.size(); ++i) {
      ShowProgress(i, tables.size(), tables[i][0]);
      if (tables[i][1].empty()) continue;
      WriteTable(fmt::format("{} ({})", tables[i][0], tables[i][1]));
    }
    if (!tables.empty()) ShowProgress(tables.size(), tables.size(), "");
  }

  void WriteTable(const std::string& table) {
    PgResult result(
        PQexec(connection_.get(), fmt::format("COPY {} TO STDOUT", table).c_str()));
    if (PQresultStatus(result.get()) != PGRES_COPY_OUT) Fail();
    Write(fmt::format("COPY {} FROM stdin;\n", table));
    char* data = nullptr;
    int size;
    while ((size = PQgetCopyData(connection_.get(), &data, 0)) > 0) {
      std::unique_ptr<char, void (*)(void*)> row(data, PQfreemem);
      Write({row.get(), static_cast<size_t>(size)});
    }
    result.reset(PQgetResult(connection_.get()));
    if (size != -1 || PQresultStatus(result.get()) != PGRES_COMMAND_OK) Fail();
    while (PgResult rest{PQgetResult(connection_.get())}) {
    }
    Write("\\.\n\n");
  }

  // After the data: a sequence that went on meanwhile is ahead of it, never behind.
  void WriteSequences() {
    for (const auto& sequence : Query(Filled(kPositions))) {
      Write(fmt::format("SELECT pg_catalog.setval({}, {}, {});\n", sequence[0], sequence[1],
                        sequence[2]));
    }
    Write("\n");
  }

  void ShowProgress(size_t done, size_t all, const std::string& table) const {
    constexpr size_t kWidth = 30;
    if (!shows_progress_) return;
    size_t filled = kWidth * done / all;
    std::fprintf(stderr, "\r\033[K[%s%s] %zu/%zu tables %s", std::string(filled, '#').c_str(),
                 std::string(kWidth - filled, ' ').c_str(), done, all, table.c_str());
    std::fflush(stderr);
  }

  PgConnection connection_;
  std::FILE* to_;
  const bool shows_progress_;
};

}  // namespace

void DumpDatabase(const DatabaseOptions& options, const DumpOptions& wanted) {
  std::string connection = ConnectionStringOf(options, "");
  bool is_terminal = isatty(STDERR_FILENO) == 1 && !options.quiet;
  if (wanted.file.empty()) {
    Dump(connection, stdout, is_terminal && isatty(STDOUT_FILENO) == 0).Run(wanted.ddl_only);
    return;
  }
  std::string aside = wanted.file + ".part";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(aside.c_str(), "w"),
                                                       std::fclose);
  auto fail = [&](const char* what) {
    throw std::runtime_error(
        fmt::format("could not {} \"{}\": {}", what, wanted.file, std::strerror(errno)));
  };
  if (file == nullptr) fail("write");
  try {
    Dump(connection, file.get(), is_terminal).Run(wanted.ddl_only);
    if (std::fflush(file.get()) != 0 || fsync(fileno(file.get())) != 0) fail("write");
    if (std::fclose(file.release()) != 0) fail("write");
    if (std::rename(aside.c_str(), wanted.file.c_str()) != 0) fail("rename");
  } catch (...) {
    (void)std::remove(aside.c_str());
    throw;
  }
  std::string folder = std::filesystem::path(wanted.file).parent_path().string();
  base::SyncFolder(folder.empty() ? "." : folder);
}

}  // namespace sundog::cli
