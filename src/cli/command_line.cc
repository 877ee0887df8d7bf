#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

#include "auth/certificate.h"
#include "auth/sigv4.h"
#include "cli/control_client.h"
#include "cli/control_commands.h"
#include "cli/environment.h"
#include "cli/serve.h"
#include "cli/served_certificate.h"
#include "cli/sql_client.h"
#include "cli/token.h"
#include "cli/version.h"

namespace sundog::cli {

namespace {

CLI::Validator Valid(bool (*is_valid)(const std::string&), const char* wanted) {
  return CLI::Validator(
      [=](const std::string& text) {
        return is_valid(text) ? std::string() : "\"" + text + "\" is not " + wanted;
      },
      "");
}

void AddTls(CLI::App& serve, ServeOptions& options) {
  auto is_name = [](const std::string& text) { return auth::CertificateName(text).has_value(); };
  serve.add_option("--region", options.regions,
                   "AWS region the server stands in: its certificate is for *.dsql.REGION.on.aws, "
                   "too. May be given more than once; the first is the server's own.")
      ->type_name("REGION")
      ->allow_extra_args(false)
      ->check(Valid(IsRegion, "a region"))
      ->default_str("us-east-1");
  CLI::Option* name =
      serve.add_option("--tls-name", options.tls_names,
                       "A further host name or IP address the certificate is for; *.NAME for all "
                       "names below one. May be given more than once.")
          ->type_name("NAME")
          ->allow_extra_args(false)
          ->check(Valid(is_name, "a host name or IP address"));
  CLI::Option* certificate =
      serve.add_option("--tls-cert", options.tls_certificate_file,
                       "Certificate for TLS, with those above it (PEM). Default: one that the data "
                       "folder's own authority, DIR/tls/ca.pem, has signed.")
          ->type_name("FILE");
  CLI::Option* key =
      serve.add_option("--tls-key", options.tls_key_file, "Its private key (PEM).")
          ->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  certificate->excludes(name);
}

void AddControlPlane(CLI::App& serve, ServeOptions& options) {
  serve.add_option("--http", options.http,
                    "Where to serve the HTTP API (HTTPS), which AWS's SDKs and sundog cluster, iam "
                    "and env speak; none: nowhere. The default is left when it is in use.")
      ->type_name("HOST:PORT")
      ->default_str(kDefaultHttp);
  serve.add_option("--max-clusters", options.engine.cluster_limit,
                    "How many clusters there may be, the first one included, databases not.")
      ->type_name("N")
      ->check(CLI::Range(size_t{1}, size_t{1'000'000}).description(""))
      ->capture_default_str();
  serve.add_option("--max-databases", options.engine.database_limit,
                    "How many databases there may be that sundog create made.")
      ->type_name("N")
      ->check(CLI::Range(size_t{0}, size_t{1'000'000}).description(""))
      ->capture_default_str();
  serve.add_option("--unload-after", options.engine.unload_after_s,
                    "Seconds after which a database or cluster that nobody uses leaves memory, to "
                    "come back at its next use; 0: never.")
      ->type_name("SECONDS")
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}).description(""))
      ->capture_default_str();
  serve.add_option("--vector-memory", options.engine.vector_bytes,
                    "How much memory the graphs of hnsw indexes may take, in bytes or as 500MB, "
                    "4GB. Indexes without room are searched entry by entry.")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->type_name("SIZE")
      ->default_str("1GB");
  serve.add_option("--max-cluster-size", options.engine.dsql_cluster_bytes,
                    "How much a cluster of profile dsql may keep, in bytes or as 500MB, 20GB.")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->type_name("SIZE")
      ->default_str("10TB");
}

void AddServe(CLI::App& app, ServeOptions& options) {
  CLI::App* serve = app.add_subcommand("serve", "Run the server until SIGTERM or SIGINT.");
  serve->footer(
      "Prints one line with a connection string once it accepts connections. SIGTERM lets running\n"
      "statements finish, flushes everything and exits with 0. The password of the role postgres\n"
      "is taken from SUNDOG_PASSWORD in the environment; without it the role has none.\n\n"
      "TLS is offered to every client. The first start makes a certificate authority in DIR/tls;\n"
      "clients that are given its ca.pem can verify the server (libpq: sslmode=verify-full\n"
      "sslrootcert=DIR/tls/ca.pem). The certificate is made again at a start or SIGHUP when its\n"
      "names have changed or its year is nearly over; one given by --tls-cert is read again at\n"
      "SIGHUP. Connections keep the one they began with. With --store memory the authority is\n"
      "gone with the process unless --data is given.\n\n"
      "The first start makes the access key of an administrator, prints it on standard output and\n"
      "keeps it in DIR/credentials; with tokens signed by it (sundog token), clients come in as\n"
      "role admin, which clusters have but a default one of profile postgres.\n"
      "With SUNDOG_ACCESS_KEY_ID and SUNDOG_SECRET_ACCESS_KEY in the environment it is that one;\n"
      "with --store memory, where nothing is kept, only then is there one.\n\n"
      "At --http the server speaks Aurora DSQL's control plane, for AWS's SDKs and for sundog\n"
      "cluster, iam and env; clusters that are made there have databases of their own.\n\n"
      "  sundog serve --data ./data\n"
      "  sundog serve --data /srv/sundog --listen 0.0.0.0:5432 --tls-cert s.crt --tls-key s.key");
  serve->add_option("--data", options.engine.data_folder,
                    "Folder of the data; made if it is not there. One server a folder.")
      ->type_name("DIR")
      ->default_val("./data");
  serve->add_option("--listen", options.listen, "Where to accept connections.")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  AddControlPlane(*serve, options);
  std::map<std::string, StoreKind> stores{{"rocks", StoreKind::kRocks},
                                          {"memory", StoreKind::kMemory}};
  serve->add_option("--store", options.engine.store,
                    "rocks: durable, in the data folder. memory: gone with the process.")
      ->transform(CLI::CheckedTransformer(stores, CLI::ignore_case).description(""))
      ->type_name("rocks|memory")
      ->default_str("rocks");
  std::map<std::string, session::Profile> profiles{{"postgres", session::Profile::kPostgres},
                                                   {"dsql", session::Profile::kDsql}};
  serve->add_option("--profile", options.engine.profile,
                    "Of a new folder's cluster. postgres: all that Sundog can do. dsql: what "
                    "Amazon Aurora DSQL refuses is refused, and transactions are as there.")
      ->transform(CLI::CheckedTransformer(profiles, CLI::ignore_case).description(""))
      ->type_name("postgres|dsql")
      ->default_str("postgres");
  serve->add_option("--auth", options.auth,
                    "How clients prove who they are. Default: on a loopback address roles without "
                    "a password are trusted; everybody else uses scram-sha-256. Roles that come "
                    "in by token do so unless everyone is trusted.")
      ->check(CLI::IsMember({"trust", "password", "scram-sha-256"}).description(""))
      ->type_name("trust|password|scram-sha-256");
  AddTls(*serve, options);
  serve->add_option("--reactors", options.reactors,
                    "Threads that serve connections; 0: one a core.")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""))
      ->capture_default_str();
  serve->add_option("--grace", options.shutdown_grace_s,
                    "Seconds that running statements may take at shutdown before they are "
                    "cancelled.")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 86400).description(""))
      ->capture_default_str();
}

void AddSql(CLI::App& app, SqlOptions& options) {
  CLI::App* sql = app.add_subcommand("sql", "Send SQL to a server and print what it answers.");
  sql->footer(
      "Reads statements from standard input where there is no -c. The password comes from\n"
      "PGPASSWORD or the connection string.\n\n"
      "  sundog sql -c 'select version()'\n"
      "  sundog sql postgresql://postgres@127.0.0.1:5432/postgres < schema.sql");
  sql->add_option("connection", options.connection_string,
                  "URI or keywords as libpq takes them. Default: the environment (PGHOST, …), else "
                  "the server on this machine.")
      ->type_name("CONNSTRING");
  sql->add_option("-c,--command", options.commands, "SQL to run; may be given more than once.")
      ->type_name("SQL")
      ->allow_extra_args(false);
}

void AddToken(CLI::App& app, TokenOptions& options, ControlCommands& control) {
  CLI::App* token =
      app.add_subcommand("token", "Print a connection token, the password of DSQL's clients; or "
                                  "manage tokens of the HTTP API.");
  token->footer(
      "The access key is that of --profile, --credentials or --data where one of these is given;\n"
      "else the environment's (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; or\n"
      "AWS_SHARED_CREDENTIALS_FILE and AWS_PROFILE);\n"
      "else the one in ./data/credentials. No server is asked.\n\n"
      "A server takes it in place of a password, as Aurora DSQL does: for role admin, and for the\n"
      "roles of AWS IAM GRANT.\n\n"
      "  export PGPASSWORD=$(sundog token --admin --host $CLUSTER_ENDPOINT --region us-east-1)\n"
      "  sundog token --host db.example --region us-east-1 --expires-in 60 --data /srv/sundog");
  token->add_flag("--admin", options.admin,
                  "For the user admin (DbConnectAdmin); without it, for any other (DbConnect).");
  CLI::Option* host =
      token->add_option("--host", options.host, "The host name that the client connects to.")
          ->type_name("HOST")
          ->check(Valid(IsHostName, "a host name without scheme and port"));
  CLI::Option* region =
      token->add_option("--region", options.region, "The region that the server is in.")
          ->type_name("REGION")
          ->check(Valid(IsRegion, "a region"));
  // Required here, but not of the subcommands.
  token->callback([token, host, region] {
    if (!token->get_subcommands().empty()) return;
    for (CLI::Option* option : {host, region}) {
      if (option->empty()) throw CLI::RequiredError(option->get_name());
    }
  });
  token->add_option("--expires-in", options.expires_in_s,
                    "Seconds that it can be connected with; a week at most.")
      ->type_name("SECONDS")
      ->check(CLI::Range(int64_t{1}, auth::kMaxExpiresS).description(""))
      ->capture_default_str();
  token->add_option("--profile", options.access_key.profile,
                    "Which one in the file. Default: default.")
      ->type_name("NAME");
  CLI::Option* file =
      token->add_option("--credentials", options.access_key.credentials_file,
                        "A credentials file as AWS's command line has it.")
          ->type_name("FILE");
  CLI::Option* data =
      token->add_option("--data", options.access_key.data_folder,
                        "A data folder, for the file credentials in it. Default: ./data.")
          ->type_name("DIR");
  file->excludes(data);
  token->require_subcommand(0, 1);
  control.AddApiTokens(*token);
}

}  // namespace

int RunCommandLine(int argc, char** argv, const EngineFactory& open_engine) {
  CLI::App app{"Sundog: a serverless SQL database that speaks PostgreSQL's protocol.", "sundog"};
  // None at all is ours to explain: CLI11 would say so of a misspelt one as well.
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(36);
  ServeOptions serve;
  if (const char* password = std::getenv("SUNDOG_PASSWORD")) {
    serve.engine.superuser_password = password;
  }
  serve.access_key_id = Environment("SUNDOG_ACCESS_KEY_ID");
  serve.secret_access_key = Environment("SUNDOG_SECRET_ACCESS_KEY");
  SqlOptions sql;
  TokenOptions token;
  ControlCommands control;
  AddServe(app, serve);
  AddSql(app, sql);
  AddToken(app, token, control);
  control.AddTo(app);
  app.add_subcommand("version", "Print the version.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongUsage;
  }
  if (app.get_subcommands().empty()) {
    std::fputs(app.help().c_str(), stderr);
    return kWrongUsage;
  }
  if (std::optional<int> code = control.Run()) return *code;
  if (app.got_subcommand("serve")) {
    if (serve.engine.store == StoreKind::kMemory &&
        app.get_subcommand("serve")->get_option("--data")->empty()) {
      serve.engine.data_folder.clear();
    }
    return Serve(serve, open_engine);
  }
  if (app.got_subcommand("sql")) return RunSqlClient(sql);
  if (app.got_subcommand("token")) return PrintToken(token);
  std::printf("sundog %s (PostgreSQL 15 compatible)\n", kVersion);
  return 0;
}

}  // namespace sundog::cli
