package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.bigquery.PreparedTable.Change;
import com.google.api.services.bigquery.model.Clustering;
import com.google.api.services.bigquery.model.Table;
import com.google.api.services.bigquery.model.TableFieldSchema;
import com.google.api.services.bigquery.model.TimePartitioning;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the tables BA writes to, and adds the columns they lack; takes nothing away and changes no column. Several
 * processes may do it at once. Blocks for one to a few requests; any thread.
 *
 * <p>A new column can be written to only seconds to minutes later, and a new table may be unknown to the streaming side
 * for as long: who writes has to be patient with both.
 */
final class Tables {
    private static final Logger LOG = LoggerFactory.getLogger(Tables.class);

    /** How often somebody else may be faster before it looks like a mistake. */
    private static final int TRIES_MAX = 5;

    private final TableService service;
    private final BigQueryOptions options;
    /** Tables whose missing columns were told of. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    Tables(TableService service, BigQueryOptions options) {
        this.service = service;
        this.options = options;
    }

    /**
     * Makes sure the table is there and has every column that can be given to it.
     *
     * @return the columns rows can be written to
     * @throws ServiceException SCHEMA_TYPE, DATASET_MISSING and mostly PERMISSION_DENIED need a person; the rest may pass
     */
    TableShape prepare(String table, TableSchema desired) throws ServiceException {
        return ensure(table, desired).shape();
    }

    /** As {@link #prepare}, and says what it did. */
    PreparedTable ensure(String table, TableSchema desired) throws ServiceException {
        for (int i = 0; i < TRIES_MAX; i++) {
            Optional<Table> found = service.find(table);
            Optional<PreparedTable> prepared =
                    found.isPresent() ? widen(table, found.get(), desired) : create(table, desired);
            if (prepared.isPresent()) {
                return prepared.get();
            }
        }
        throw new ServiceException(
                Failure.CONNECTION,
                "table " + table + ": somebody else was faster, " + TRIES_MAX + " times in a row",
                null);
    }

    /** Empty: there is something now that was not there before, look again. */
    private Optional<PreparedTable> create(String table, TableSchema desired) throws ServiceException {
        try {
            if (service.insert(table, newTable(desired)).isEmpty()) {
                return Optional.empty();
            }
        } catch (ServiceException e) {
            if (e.failure() != Failure.NOT_FOUND) {
                throw e;
            }
            createDataset(e);
            return Optional.empty();
        }
        LOG.info("Created a table. table={} partitioned={}", table, options.partitionsTables());
        SchemaMerge all = new SchemaMerge(List.of(), desired.columns());
        return Optional.of(new PreparedTable(all.widened(table), Change.CREATED, desired.columns()));
    }

    private void createDataset(ServiceException missing) throws ServiceException {
        if (!options.createsDataset()) {
            throw new ServiceException(
                    Failure.DATASET_MISSING,
                    "dataset " + options.datasetId() + " is not there (expected: one that somebody made, or"
                            + " BIGQUERY_CREATE_DATASET=true): " + missing.getMessage(),
                    missing);
        }
        if (service.insertDataset()) {
            LOG.info("Created the dataset. dataset={}", options.datasetId());
        }
    }

    private Table newTable(TableSchema desired) {
        Table table = new Table()
                .setSchema(schema().setFields(desired.columns().stream()
                        .map(SchemaMerge::field)
                        .toList()));
        if (options.partitionsTables()) {
            table.setTimePartitioning(new TimePartitioning().setType("DAY").setField("timestamp"))
                    .setClustering(new Clustering().setFields(List.of("programId")));
        }
        return table;
    }

    /** Empty: the table changed between reading and writing it, look again. */
    private Optional<PreparedTable> widen(String name, Table table, TableSchema desired) throws ServiceException {
        SchemaMerge merge = compare(name, table, desired);
        if (merge.missing().isEmpty()) {
            return Optional.of(new PreparedTable(merge.shape(name), Change.NONE, List.of()));
        }
        com.google.api.services.bigquery.model.TableSchema schema =
                table.getSchema() == null ? schema() : table.getSchema();
        try {
            if (service.patch(name, schema.setFields(merge.merged(fields(table))), table.getEtag())
                    .isEmpty()) {
                return Optional.empty();
            }
        } catch (ServiceException e) {
            if (e.failure() != Failure.PERMISSION_DENIED) {
                throw e;
            }
            return Optional.of(
                    notAllowed(new PreparedTable(merge.shape(name), Change.NOT_ALLOWED, merge.missing()), e));
        }
        PreparedTable widened = new PreparedTable(merge.widened(name), Change.WIDENED, merge.missing());
        LOG.info("Added columns to a table. table={} columns={}", name, widened.columnNames());
        return Optional.of(widened);
    }

    private PreparedTable notAllowed(PreparedTable table, ServiceException refusal) {
        if (told.add(table.shape().table())) {
            LOG.warn(
                    "A table lacks columns that BA may not add; their values are dropped. table={} columns={} reason={}",
                    table.shape().table(),
                    table.columnNames(),
                    refusal.getMessage());
        }
        return table;
    }

    /** @throws ServiceException SCHEMA_TYPE when rows cannot be written there */
    static SchemaMerge compare(String name, Table table, TableSchema desired) throws ServiceException {
        if (!TableService.isTable(table.getType())) {
            throw new ServiceException(
                    Failure.SCHEMA_TYPE, "table " + name + " is a " + table.getType() + " (expected: TABLE)", null);
        }
        return SchemaMerge.of(name, fields(table), desired);
    }

    /** A table without columns has no list of them. */
    static List<TableFieldSchema> fields(Table table) {
        if (table.getSchema() == null || table.getSchema().getFields() == null) {
            return List.of();
        }
        return table.getSchema().getFields();
    }

    private static com.google.api.services.bigquery.model.TableSchema schema() {
        return new com.google.api.services.bigquery.model.TableSchema();
    }
}
