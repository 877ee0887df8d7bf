package sundog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sundog.Cluster.HOST;
import static sundog.Cluster.change;
import static sundog.Cluster.define;
import static sundog.Cluster.query;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** HikariCP on Aurora DSQL's connector, as its examples have it. */
class HikariTest {
  private static HikariConfig config(String user, String schema) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(Cluster.url(HOST));
    config.setUsername(user);
    config.setSchema(schema);
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(2);
    config.setMaxLifetime(3300000);
    config.setConnectionTestQuery("SELECT 1");
    return config;
  }

  private interface Work {
    void in(Connection session) throws SQLException;
  }

  /** A transaction, again when it was lost; how often it was tried. */
  private static int transaction(DataSource pool, Work work) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try (Connection session = pool.getConnection()) {
        session.setAutoCommit(false);
        try {
          work.in(session);
          session.commit();
          return attempt;
        } catch (SQLException error) {
          session.rollback();
          if (!"40001".equals(error.getSQLState()) || attempt == 100) {
            throw error;
          }
        }
      }
    }
  }

  private static void together(int count, Work work, DataSource pool) throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(count);
    try {
      List<Future<Integer>> ended = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        ended.add(workers.submit(() -> transaction(pool, work)));
      }
      for (Future<Integer> one : ended) {
        one.get();
      }
    } finally {
      workers.shutdownNow();
    }
  }

  @ParameterizedTest
  @MethodSource("sundog.Cluster#users")
  void aPoolServesThreads(String user, String schema) throws Exception {
    try (HikariDataSource pool = new HikariDataSource(config(user, schema))) {
      AtomicInteger served = new AtomicInteger();
      together(8, session -> {
        assertEquals(
            List.of(List.of("7", user, schema)),
            query(session, "SELECT ?::int, current_user, current_schema()", 7));
        served.incrementAndGet();
      }, pool);
      assertEquals(8, served.get());
    }
  }

  @ParameterizedTest
  @MethodSource("sundog.Cluster#users")
  void whoLosesAConflictTriesAgain(String user, String schema) throws Exception {
    try (HikariDataSource pool = new HikariDataSource(config(user, schema))) {
      transaction(pool, session ->
          define(session, "CREATE TABLE counter (id int PRIMARY KEY, value int NOT NULL)"));
      transaction(pool, session -> change(session, "INSERT INTO counter VALUES (1, 0)"));
      AtomicInteger reads = new AtomicInteger();
      transaction(pool, session -> {
        String value = query(session, "SELECT value FROM counter").get(0).get(0);
        if (reads.incrementAndGet() == 1) {
          transaction(pool, other -> change(other, "UPDATE counter SET value = value + 10"));
        }
        change(session, "UPDATE counter SET value = ?", Integer.parseInt(value) + 1);
      });
      assertTrue(reads.get() > 1, "nobody met a conflict");
      together(8, session -> {
        String value = query(session, "SELECT value FROM counter").get(0).get(0);
        change(session, "UPDATE counter SET value = ?", Integer.parseInt(value) + 1);
      }, pool);
      transaction(pool, session ->
          assertEquals(List.of(List.of("19")), query(session, "SELECT value FROM counter")));
      transaction(pool, session -> define(session, "DROP TABLE counter"));
    }
  }

  @Test
  void aPoolOfWhoMayNotComeInDoesNotStart() {
    HikariConfig config = config("nobody", "public");
    config.setConnectionTimeout(2000);
    PoolInitializationException refused = assertThrows(
        PoolInitializationException.class, () -> new HikariDataSource(config).close());
    assertTrue(refused.getMessage().contains("access denied"), refused.getMessage());
  }
}
