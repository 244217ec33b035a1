package com.barnebys.analytics.sink.bigquery;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.services.bigquery.Bigquery;
import com.google.api.services.bigquery.BigqueryRequest;
import com.google.api.services.bigquery.model.Dataset;
import com.google.api.services.bigquery.model.DatasetReference;
import com.google.api.services.bigquery.model.Table;
import com.google.api.services.bigquery.model.TableList;
import com.google.api.services.bigquery.model.TableReference;
import com.google.api.services.bigquery.model.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the dataset over REST. Each call is one request, which waits 10 s for a connection and 30 s for an
 * answer, and is not tried again: callers
 * come back anyway, and a retry in here would multiply with theirs. Any thread.
 *
 * <p>Uses Google's generated model of the API and not {@code com.google.cloud.bigquery.BigQuery}, for two reasons found in
 * 2.73: its {@code update} sends the etag in the body, where the service does not look, and never as {@code If-Match}; and
 * it makes fields anew out of the properties it knows, so a patch would take off what it does not know (data policies,
 * say) from columns that are not ours. Google's Python and Go clients send {@code If-Match} here, and so do we.
 */
final class TableService {
    private static final long PAGE_ROWS = 1000;
    private static final int PAGES_MAX = 10;

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;

    private final GoogleAccess access;
    private final String datasetId;

    TableService(GoogleAccess access) {
        this.access = access;
        this.datasetId = access.options().datasetId();
    }

    private interface Call<T> {
        BigqueryRequest<T> on(Bigquery client, String projectId) throws IOException;
    }

    /** Empty: no such table, or no such dataset. */
    Optional<Table> find(String table) throws ServiceException {
        return execute(
                "table " + table,
                NOT_FOUND,
                (client, project) -> client.tables().get(project, datasetId, table));
    }

    /**
     * Makes a table; its reference is set here. Empty: there is one by now.
     *
     * @throws ServiceException NOT_FOUND when there is no such dataset
     */
    Optional<Table> insert(String table, Table wanted) throws ServiceException {
        return execute("table " + table, CONFLICT, (client, project) -> {
            wanted.setTableReference(new TableReference()
                    .setProjectId(project)
                    .setDatasetId(datasetId)
                    .setTableId(table));
            return client.tables().insert(project, datasetId, wanted);
        });
    }

    /**
     * Gives a table another schema. Empty: the table has changed since the etag was read.
     *
     * @param etag null: whatever the table is by now (emulators have none)
     */
    Optional<Table> patch(String table, TableSchema schema, @Nullable String etag) throws ServiceException {
        return execute("table " + table, PRECONDITION_FAILED, (client, project) -> {
            Bigquery.Tables.Patch patch =
                    client.tables().patch(project, datasetId, table, new Table().setSchema(schema));
            if (etag != null) {
                patch.getRequestHeaders().setIfMatch(etag);
            }
            return patch;
        });
    }

    /** Makes the dataset, in the location of the options. False: there is one by now. */
    boolean insertDataset() throws ServiceException {
        Optional<Dataset> made = execute(
                "dataset " + datasetId,
                CONFLICT,
                (client, project) -> client.datasets()
                        .insert(
                                project,
                                new Dataset()
                                        .setLocation(access.options().location())
                                        .setDatasetReference(new DatasetReference()
                                                .setProjectId(project)
                                                .setDatasetId(datasetId))));
        return made.isPresent();
    }

    /** The tables, without views and the like, in the service's order. Empty: no such dataset. */
    Optional<List<String>> names() throws ServiceException {
        List<String> names = new ArrayList<>();
        String token = null;
        for (int page = 0; page < PAGES_MAX; page++) {
            String from = token;
            Optional<TableList> found = execute(
                    "dataset " + datasetId,
                    NOT_FOUND,
                    (client, project) -> client.tables()
                            .list(project, datasetId)
                            .setMaxResults(PAGE_ROWS)
                            .setPageToken(from));
            if (found.isEmpty()) {
                return Optional.empty();
            }
            List<TableList.Tables> tables = found.get().getTables();
            if (tables != null) {
                tables.stream()
                        .filter(table -> isTable(table.getType()))
                        .forEach(table -> names.add(table.getTableReference().getTableId()));
            }
            token = found.get().getNextPageToken();
            if (token == null) {
                break;
            }
        }
        return Optional.of(names);
    }

    /** Emulators leave it out. */
    static boolean isTable(@Nullable String type) {
        return type == null || type.equals("TABLE");
    }

    /** Much follows from these: columns are left out, a stream is ended. */
    private static boolean isVerdict(Failure failure) {
        return failure == Failure.PERMISSION_DENIED || failure == Failure.NOT_FOUND;
    }

    private <T> Optional<T> execute(String what, int expectedStatus, Call<T> call) throws ServiceException {
        try {
            return Optional.of(call.on(access.model(), access.projectId()).execute());
        } catch (GoogleJsonResponseException e) {
            // Only BigQuery's own word counts: a proxy's page may have the same status.
            if (e.getStatusCode() == expectedStatus && e.getDetails() != null) {
                return Optional.empty();
            }
            ServiceException sorted = RestFailures.of(what, e);
            throw e.getDetails() == null && isVerdict(sorted.failure())
                    ? new ServiceException(Failure.CONNECTION, String.valueOf(sorted.getMessage()), e)
                    : sorted;
        } catch (IOException | IllegalArgumentException e) {
            // IllegalArgumentException: JSON that is no answer of BigQuery's.
            throw RestFailures.of(what, e);
        }
    }
}
