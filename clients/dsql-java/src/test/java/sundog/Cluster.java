package sundog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.provider.Arguments;

/** The cluster under test, as its environment describes it (tests/clients/dsql.py). */
final class Cluster {
  static final String HOST = given("CLUSTER_ENDPOINT");
  static final String PORT = given("CLUSTER_PORT");

  private Cluster() {}

  static String given(String name) {
    String value = System.getenv(name);
    assertTrue(value != null && !value.isEmpty(), name + " is not set");
    return value;
  }

  /** Who comes in, with which schema. */
  static Stream<Arguments> users() {
    return Stream.of(
        Arguments.of(given("CLUSTER_USER"), "public"),
        Arguments.of(given("CLUSTER_APP_USER"), "myschema"));
  }

  /** What the connector is given, with the trust store of the machine's Java. */
  static String url(String host) {
    return "jdbc:aws-dsql:postgresql://" + host + ":" + PORT + "/postgres?sslmode=verify-full"
        + "&sslNegotiation=direct&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory";
  }

  /** Rows as lists of their columns' texts. */
  static List<List<String>> query(Connection session, String sql, Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<List<String>> rows = new ArrayList<>();
      try (ResultSet results = statement.executeQuery()) {
        while (results.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= results.getMetaData().getColumnCount(); i++) {
            row.add(results.getString(i));
          }
          rows.add(row);
        }
      }
      return rows;
    }
  }

  static int change(Connection session, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement.executeUpdate();
    }
  }

  static void define(Connection session, String sql) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(sql);
    }
  }

  static void refused(String state, String message, Executable work) {
    SQLException refusal = assertThrows(SQLException.class, work);
    assertEquals(state, refusal.getSQLState(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }
}
