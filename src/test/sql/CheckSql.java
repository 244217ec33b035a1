import com.google.zetasql.Analyzer;
import com.google.zetasql.AnalyzerOptions;
import com.google.zetasql.LanguageOptions;
import com.google.zetasql.SimpleCatalog;
import com.google.zetasql.SimpleTable;
import com.google.zetasql.SqlException;
import com.google.zetasql.ZetaSQLBuiltinFunctionOptions;
import com.google.zetasql.ZetaSQLOptions.ProductMode;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedColumnDefinition;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCreateTableStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedStatement;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Has Google's own analyzer of BigQuery's SQL (ZetaSQL) look at each statement that {@code ba schema plan} and {@code ba
 * schema views} print: names and types against the tables that the plan itself makes. Run by {@code bin/check-sql}.
 */
public final class CheckSql {
    private static final List<String> TABLES = List.of("click", "view", "impression", "events");
    private static final String NARROW = "view";

    private final SimpleCatalog catalog = new SimpleCatalog("bigquery");
    private final AnalyzerOptions options = new AnalyzerOptions();
    private int mistakes;

    public static void main(String[] arguments) throws Exception {
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", CheckSql::answer);
        service.start();
        CheckSql check = new CheckSql();
        String address = "http://127.0.0.1:" + service.getAddress().getPort();
        check.statements(print(arguments[0], address, "plan", "fresh"));
        check.statements(print(arguments[0], address, "plan", "old"));
        check.statements(print(arguments[0], address, "views", "fresh"));
        service.stop(0);
        System.exit(check.mistakes == 0 ? 0 : 1);
    }

    private CheckSql() {
        LanguageOptions language = options.getLanguageOptions();
        // More than BigQuery has: what is wrong here is wrong there, and not the other way round.
        language.enableMaximumLanguageFeatures();
        language.setProductMode(ProductMode.PRODUCT_EXTERNAL);
        language.setSupportsAllStatementKinds();
        catalog.addZetaSQLFunctions(new ZetaSQLBuiltinFunctionOptions(language));
    }

    /** Nothing is there but, in the dataset {@code old}, a table that lacks all columns but one. */
    private static void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        boolean isThere = path.endsWith("/old/tables") || path.endsWith("/old/tables/" + NARROW);
        String text = isThere
                ? "{\"etag\": \"1\", \"tables\": [], \"tableReference\":"
                        + " {\"projectId\": \"p\", \"datasetId\": \"old\", \"tableId\": \"" + NARROW + "\"},"
                        + " \"schema\": {\"fields\": [{\"name\": \"programId\", \"type\": \"STRING\"}]}}"
                : "{\"error\": {\"code\": 404, \"message\": \"Not found\", \"errors\": [{\"reason\": \"notFound\"}]}}";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(isThere ? 200 : 404, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static String print(String jar, String address, String what, String dataset) throws Exception {
        List<String> command = new ArrayList<>(List.of("java", "-jar", jar, "schema", what));
        command.addAll(TABLES);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("GCP_PROJECT_ID", "p");
        builder.environment().put("BIGQUERY_DATASET_ID", dataset);
        builder.environment().put("BIGQUERY_EMULATOR_HOST", address);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0 || text.isBlank()) {
            throw new IllegalStateException("ba schema " + what + " failed: " + text);
        }
        return text;
    }

    private void statements(String text) {
        Arrays.stream(text.split(";\n")).filter(statement -> !statement.isBlank()).forEach(this::statement);
    }

    private void statement(String sql) {
        String first = sql.lines().filter(line -> !line.startsWith("--")).findFirst().orElse(sql);
        try {
            ResolvedStatement resolved = Analyzer.analyzeStatement(sql, options, catalog);
            if (resolved instanceof ResolvedCreateTableStmt made) {
                add(made);
            }
            System.out.println("good: " + first);
        } catch (SqlException e) {
            mistakes++;
            System.out.println("WRONG: " + sql + "\n" + e.getMessage());
        }
    }

    /** Views read it; the dataset {@code old} has the one that is there already. */
    private void add(ResolvedCreateTableStmt made) {
        String name = String.join(".", made.getNamePath());
        SimpleTable table = new SimpleTable(name);
        for (ResolvedColumnDefinition column : made.getColumnDefinitionList()) {
            table.addSimpleColumn(column.getName(), column.getType());
        }
        catalog.addSimpleTable(table);
        if (name.endsWith(".fresh." + NARROW)) {
            SimpleTable narrow = new SimpleTable(name.replace(".fresh.", ".old."));
            narrow.addSimpleColumn("programId", table.findColumnByName("programId").getType());
            catalog.addSimpleTable(narrow);
        }
    }
}
