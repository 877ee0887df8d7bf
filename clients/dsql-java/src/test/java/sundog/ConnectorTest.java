package sundog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sundog.Cluster.HOST;
import static sundog.Cluster.change;
import static sundog.Cluster.define;
import static sundog.Cluster.given;
import static sundog.Cluster.query;
import static sundog.Cluster.refused;
import static sundog.Cluster.url;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.dsql.jdbc.AuroraDsqlCredentialsManager;

/** Aurora DSQL's connector for JDBC, on pgjdbc. */
class ConnectorTest {
  private static Connection connect(String user, String schema) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("currentSchema", schema);
    return DriverManager.getConnection(url(HOST), properties);
  }

  @ParameterizedTest
  @MethodSource("sundog.Cluster#users")
  void tablesChangesAndTransactions(String user, String schema) throws SQLException {
    try (Connection session = connect(user, schema)) {
      assertEquals(
          List.of(List.of(user, schema)), query(session, "SELECT current_user, current_schema()"));
      define(session, "DROP TABLE IF EXISTS owner");
      define(session, """
          CREATE TABLE IF NOT EXISTS owner(
            id uuid NOT NULL DEFAULT gen_random_uuid(), name varchar(30) NOT NULL,
            city varchar(80) NOT NULL, telephone varchar(20) DEFAULT NULL, PRIMARY KEY (id))""");
      String job = query(session, "CREATE INDEX ASYNC owner_city ON owner (city)").get(0).get(0);
      define(session, "CALL sys.wait_for_job('" + job + "')");
      assertEquals(
          List.of(List.of(schema)),
          query(session, "SELECT schemaname FROM pg_indexes WHERE indexname = ?", "owner_city"));
      session.setAutoCommit(false);
      String insert = "INSERT INTO owner (name, city, telephone) VALUES (?, ?, ?)";
      assertEquals(1, change(session, insert, "John Doe", "Anytown", "555-555-1991"));
      session.commit();
      try (PreparedStatement batch = session.prepareStatement(insert)) {
        for (String name : List.of("Ann", "Ben")) {
          batch.setString(1, name);
          batch.setString(2, "Here");
          batch.setString(3, null);
          batch.addBatch();
        }
        assertEquals(2, batch.executeBatch().length);
      }
      session.commit();
      assertEquals(3, change(session, "DELETE FROM owner"));
      session.rollback();
      assertEquals(
          List.of("Ann", "Ben", "John Doe"),
          query(session, "SELECT name FROM owner ORDER BY name").stream()
              .map(row -> row.get(0))
              .toList());
      UUID id = UUID.fromString(query(session, "SELECT id FROM owner LIMIT 1").get(0).get(0));
      refused("23505", "duplicate key", () ->
          change(session, "INSERT INTO owner VALUES (?, 'Jane', 'Here')", id));
      refused("25P02", "current transaction is aborted", () -> query(session, "SELECT 1"));
      session.rollback();
      session.setAutoCommit(true);
      define(session, "DROP TABLE owner");
      refused("42P01", "relation \"owner\" does not exist", () ->
          query(session, "SELECT * FROM owner"));
    }
  }

  @ParameterizedTest
  @MethodSource("sundog.Cluster#users")
  void rowsAndKeysThatAreGenerated(String user, String schema) throws SQLException {
    try (Connection session = connect(user, schema)) {
      define(session, "CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1)"
          + " PRIMARY KEY, note text)");
      try (PreparedStatement insert = session.prepareStatement(
          "INSERT INTO thing (note) SELECT 'note ' || n FROM generate_series(1, 250) n",
          Statement.RETURN_GENERATED_KEYS)) {
        assertEquals(250, insert.executeUpdate());
        try (ResultSet keys = insert.getGeneratedKeys()) {
          assertTrue(keys.next());
          assertEquals(1, keys.getLong("id"));
        }
      }
      // A hundred rows at a time: a portal that is asked for more.
      session.setAutoCommit(false);
      try (Statement select = session.createStatement()) {
        select.setFetchSize(100);
        long sum = 0;
        try (ResultSet rows = select.executeQuery("SELECT id FROM thing ORDER BY id")) {
          while (rows.next()) {
            sum += rows.getLong(1);
          }
        }
        assertEquals(250 * 251 / 2, sum);
      }
      session.commit();
      session.setAutoCommit(true);
      define(session, "DROP TABLE thing");
    }
  }

  @ParameterizedTest
  @MethodSource("sundog.Cluster#users")
  void whatTheCatalogSays(String user, String schema) throws SQLException {
    try (Connection session = connect(user, schema)) {
      define(session, "CREATE TABLE described (id int PRIMARY KEY, name varchar(30) NOT NULL)");
      DatabaseMetaData catalog = session.getMetaData();
      assertTrue(catalog.getDatabaseProductName().contains("PostgreSQL"));
      try (ResultSet columns = catalog.getColumns(null, schema, "described", null)) {
        assertTrue(columns.next());
        assertEquals("id", columns.getString("COLUMN_NAME"));
        assertTrue(columns.next());
        assertEquals("name varchar 30 NO", String.join(" ", columns.getString("COLUMN_NAME"),
            columns.getString("TYPE_NAME"), columns.getString("COLUMN_SIZE"),
            columns.getString("IS_NULLABLE")));
        assertFalse(columns.next());
      }
      try (ResultSet keys = catalog.getPrimaryKeys(null, schema, "described")) {
        assertTrue(keys.next());
        assertEquals("described_pkey", keys.getString("PK_NAME"));
      }
      define(session, "DROP TABLE described");
    }
  }

  @ParameterizedTest
  @MethodSource("sundog.Cluster#users")
  void theLoserOfAConflictGetsOc000(String user, String schema) throws SQLException {
    try (Connection first = connect(user, schema); Connection second = connect(user, schema)) {
      query(second, "SELECT 1");
      define(first, "CREATE TABLE counter (id int PRIMARY KEY, value int NOT NULL)");
      change(first, "INSERT INTO counter VALUES (1, 0)");
      // The definition of another session is met once.
      refused("40001", "schema has been updated by another transaction (OC001)", () ->
          query(second, "SELECT * FROM counter"));
      for (Connection session : List.of(first, second)) {
        session.setAutoCommit(false);
        assertEquals(1, change(session, "UPDATE counter SET value = value + 1"));
      }
      first.commit();
      refused("40001", "change conflicts with another transaction (OC000)", second::commit);
      second.rollback();
      assertEquals(1, change(second, "UPDATE counter SET value = value + 1"));
      second.commit();
      assertEquals(List.of(List.of("2")), query(second, "SELECT value FROM counter"));
      second.commit();
      second.setAutoCommit(true);
      define(second, "DROP TABLE counter");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "&user=admin", "&user=admin&token-duration-secs=14400", "&user=admin&profile=default",
    "&user=admin&region=us-east-1"})
  void whatAUrlCanSay(String parameters) throws SQLException {
    try (Connection session = DriverManager.getConnection(url(HOST) + parameters)) {
      assertEquals("admin", query(session, "SELECT current_user").get(0).get(0));
    }
  }

  @Test
  void anUnknownKeyIsRefused() {
    AuroraDsqlCredentialsManager.setProvider(StaticCredentialsProvider.create(
        AwsBasicCredentials.create("AKIAAAAAAAAAAAAAAAAA", "not the secret")));
    try {
      refused("08006", "unable to accept connection, access denied", () ->
          DriverManager.getConnection(url(HOST) + "&user=admin"));
    } finally {
      AuroraDsqlCredentialsManager.resetProvider();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"&user=nobody", "&user=admin&region=eu-west-1"})
  void whoMayNotComeInIsRefused(String parameters) {
    refused("08006", "unable to accept connection, access denied", () ->
        DriverManager.getConnection(url(HOST) + parameters));
  }

  @Test
  void aNameThatIsNoClustersIsRefused() {
    refused("08006", "access denied", () ->
        DriverManager.getConnection(url(given("OTHER_CLUSTER_ENDPOINT")) + "&user=admin"));
  }

  @Test
  void theCertificateMustHaveTheName() {
    refused("08006", "hostname", () ->
        DriverManager.getConnection(url(given("OTHER_REGION_ENDPOINT")) + "&user=admin"));
  }
}
