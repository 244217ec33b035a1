package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.TableSchema;
import com.google.api.services.bigquery.model.Table;
import com.google.api.services.bigquery.model.TableFieldSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tables as an operator looks at them: what BA would do to them, doing it, and the views over them. Blocks for the
 * network; one thread.
 *
 * <p>Where no table is named, those of the dataset count that have the columns of a hit.
 */
public final class BigQuerySchema {
    /** By these a table is known as one of hits; the service before wrote all three. */
    private static final Set<String> MARKS = Set.of("programid", "url", "timestamp");

    private final BigQueryOptions options;
    private final GoogleAccess access;
    private final TableService service;
    private final Tables tables;

    private BigQuerySchema(BigQueryOptions options) {
        this.options = options;
        this.access = new GoogleAccess(options);
        this.service = new TableService(access);
        this.tables = new Tables(service, options);
    }

    /** Connects to nothing yet. */
    public static BigQuerySchema of(BigQueryOptions options) {
        return new BigQuerySchema(options);
    }

    /**
     * What is to be said of one table, or of the dataset.
     *
     * @param text lines fit to be run as GoogleSQL: statements and comments
     * @param isGood whether BA can write there, now or after the statements
     */
    public record Finding(String text, boolean isGood) {}

    /**
     * The statements that would do what BA does by itself, or {@code apply} now.
     *
     * @throws IOException when BigQuery cannot be asked
     */
    public List<Finding> plan(List<String> named) throws IOException {
        try {
            QualifiedNames names = new QualifiedNames(access.projectId(), options.datasetId());
            Ddl ddl = new Ddl(names, options.partitionsTables(), options.location());
            List<Finding> findings = new ArrayList<>();
            Optional<List<String>> present = service.names();
            if (present.isEmpty()) {
                String who = options.createsDataset() ? "" : ", and BA makes none unless BIGQUERY_CREATE_DATASET=true";
                findings.add(good("-- dataset " + names.path() + " is not there" + who + "\n" + ddl.createDataset()));
            }
            for (String table : named.isEmpty() ? ownTables(present.orElse(List.of())) : named) {
                findings.add(plan(table, ddl));
            }
            return findings;
        } catch (ServiceException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Makes and widens tables.
     *
     * @throws IOException when BigQuery cannot be asked, or refuses; tables before the one it names are done
     */
    public List<Finding> apply(List<String> named) throws IOException {
        try {
            List<Finding> findings = new ArrayList<>();
            for (String table : named.isEmpty() ? ownTables(service.names().orElse(List.of())) : named) {
                findings.add(apply(table));
            }
            return findings;
        } catch (ServiceException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * The statements that make the views of reports. With tables named, BigQuery is not asked, and with the project said
     * nobody is.
     *
     * @throws IOException when BigQuery cannot be asked
     */
    public List<String> views(List<String> named) throws IOException {
        try {
            String said = options.projectId().orElse(null);
            String project = said == null ? access.projectId() : said;
            ReportViews views = new ReportViews(new QualifiedNames(project, options.datasetId()), options.mode());
            return views.sql(named.isEmpty() ? ownTables(service.names().orElse(List.of())) : named);
        } catch (ServiceException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private Finding plan(String table, Ddl ddl) throws ServiceException {
        TableSchema desired = TableSchema.of(table);
        Optional<Table> found = service.find(table);
        if (found.isEmpty()) {
            return good("-- " + table + ": missing\n" + ddl.createTable(table, desired));
        }
        try {
            SchemaMerge merge = Tables.compare(table, found.get(), desired);
            return good(
                    merge.missing().isEmpty()
                            ? "-- " + table + ": up to date"
                            : "-- " + table + ": lacks columns\n" + ddl.addColumns(table, merge.missing()));
        } catch (ServiceException e) {
            return inTheWay(e);
        }
    }

    private Finding apply(String table) throws ServiceException {
        PreparedTable prepared;
        try {
            prepared = tables.ensure(table, TableSchema.of(table));
        } catch (ServiceException e) {
            if (e.failure() != Failure.SCHEMA_TYPE) {
                throw e;
            }
            return inTheWay(e);
        }
        return switch (prepared.change()) {
            case NONE -> good("-- " + table + ": up to date");
            case CREATED -> good("-- " + table + ": created");
            case WIDENED -> good("-- " + table + ": added " + prepared.columnNames());
            case NOT_ALLOWED ->
                new Finding(
                        "-- " + table + ": lacks " + prepared.columnNames() + ", and BA may not add columns", false);
        };
    }

    /** Tables of hits by their marks, then the one of conversion events by its name. */
    private List<String> ownTables(List<String> present) throws ServiceException {
        List<String> found = new ArrayList<>();
        for (String table : present) {
            if (!table.equals(TableSchema.EVENTS_TABLE)
                    && service.find(table).filter(BigQuerySchema::isOfHits).isPresent()) {
                found.add(table);
            }
        }
        if (present.contains(TableSchema.EVENTS_TABLE)) {
            found.add(TableSchema.EVENTS_TABLE);
        }
        return found;
    }

    private static boolean isOfHits(Table table) {
        return Tables.fields(table).stream()
                .map(TableFieldSchema::getName)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet())
                .containsAll(MARKS);
    }

    private static Finding good(String text) {
        return new Finding(text, true);
    }

    private static Finding inTheWay(ServiceException e) {
        return new Finding("-- " + e.getMessage(), false);
    }
}
