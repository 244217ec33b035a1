package com.barnebys.analytics.sink.bigquery;

import com.barnebys.analytics.event.TableSchema;
import com.barnebys.analytics.sink.bigquery.PreparedTable.Change;
import com.google.cloud.bigquery.TableId;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** BigQuery through Google's clients. */
final class GoogleConnector implements Connector {
    /** Of each append; the client itself would wait for five minutes. */
    static final Duration RESULT_MAX = Duration.ofSeconds(45);

    /** A new column can be written to after seconds to minutes; the lane comes again when this is over. */
    static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(61));

    private final GoogleAccess access;
    private final Tables tables;
    private final String traceId;
    private final Duration resultMax;
    private final Patience patience;
    private final AppenderCounts counts = new AppenderCounts();

    /** What the Storage Write API was seen to know. */
    private final Map<String, TableShape> known = new ConcurrentHashMap<>();

    private @Nullable Streams streams;
    private volatile boolean isLoginRefused;

    /** @param instance tells the processes apart in what Google's support can see; not empty */
    GoogleConnector(GoogleAccess access, Tables tables, String instance) {
        this(access, tables, instance, RESULT_MAX, PATIENCE);
    }

    GoogleConnector(GoogleAccess access, Tables tables, String instance, Duration resultMax, Patience patience) {
        GoogleLogging.install();
        this.access = access;
        this.tables = tables;
        this.traceId = "barnebys-analytics:" + instance;
        this.resultMax = resultMax;
        this.patience = patience;
    }

    /** For metrics. */
    AppenderCounts counts() {
        return counts;
    }

    @Override
    public TableShape prepare(String table) throws ServiceException {
        PreparedTable prepared = tables.ensure(table, TableSchema.of(table));
        TableShape shape = prepared.shape();
        if (prepared.change() == Change.CREATED || prepared.change() == Change.WIDENED) {
            known.remove(table);
        }
        // insertAll cannot be asked what it knows; it refuses a new column for a while.
        if (mode() != DeliveryMode.INSERT_ALL && !shape.equals(known.get(table))) {
            awaitColumns(shape);
            known.put(table, shape);
        }
        return shape;
    }

    /** The Storage Write API hears of a new table or column after REST does; writing too early is refused. */
    private void awaitColumns(TableShape shape) throws ServiceException {
        Duration waited = Duration.ZERO;
        Duration pause = patience.first();
        while (true) {
            ServiceException missing = missing(shape);
            if (missing == null) {
                return;
            }
            if (waited.plus(pause).compareTo(patience.total()) > 0) {
                throw missing;
            }
            sleep(pause);
            waited = waited.plus(pause);
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(patience.most()) > 0 ? patience.most() : twice;
        }
    }

    /** What keeps rows from being written, as long as it is worth waiting for; null where nothing does. */
    private @Nullable ServiceException missing(TableShape shape) throws ServiceException {
        Optional<Set<String>> columns;
        try {
            columns = streams().columns(access.tablePath(shape.table()));
        } catch (ServiceException e) {
            // A table that is not there may be told as one that is forbidden.
            if (e.failure() == Failure.NOT_FOUND || e.failure() == Failure.PERMISSION_DENIED) {
                return e;
            }
            throw e;
        }
        for (TableShape.Target target : shape.targets()) {
            String name = target.column().name().toLowerCase(Locale.ROOT);
            if (columns.isPresent() && !columns.get().contains(name)) {
                return new ServiceException(
                        Failure.SCHEMA_UNKNOWN_FIELD,
                        "the Storage Write API does not know column "
                                + target.column().name() + " of table " + shape.table() + " yet",
                        null);
            }
        }
        return null;
    }

    private static void sleep(Duration pause) throws ServiceException {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException(Failure.CONNECTION, "interrupted", e);
        }
    }

    @Override
    public String createStream(String table) throws ServiceException {
        return streams().create(access.tablePath(table));
    }

    @Override
    public long finalizeStream(String stream) throws ServiceException {
        return streams().finalizeStream(stream);
    }

    @Override
    public Appender open(TableShape shape, @Nullable String stream) throws ServiceException {
        if (stream != null) {
            if (!stream.startsWith(access.tablePath(shape.table()) + "/streams/")) {
                // To write on would be into the table of the settings before.
                throw new ServiceException(
                        Failure.NOT_FOUND, "table " + shape.table() + " has no stream " + stream, null);
            }
            return open(shape, stream, true);
        }
        if (mode() == DeliveryMode.INSERT_ALL) {
            TableId table = TableId.of(access.projectId(), access.options().datasetId(), shape.table());
            return new InsertAllAppender(access.rest(), table, shape, resultMax, counts);
        }
        return open(shape, Streams.defaultStream(access.tablePath(shape.table())), false);
    }

    private Appender open(TableShape shape, String stream, boolean hasOffsets) throws ServiceException {
        return StreamAppender.open(shape, stream, hasOffsets, access.writeSettings(stream), traceId, resultMax, counts);
    }

    private DeliveryMode mode() {
        return access.options().mode();
    }

    /** One client for all tables; made at the first use, since BA starts with BigQuery away. */
    private synchronized Streams streams() throws ServiceException {
        if (isLoginRefused && streams != null) {
            streams.close();
            streams = null;
        }
        isLoginRefused = false;
        if (streams == null) {
            streams = Streams.open(access.writeSettings(null));
        }
        return streams;
    }

    @Override
    public void credentialsRefused() {
        access.forget();
        isLoginRefused = true;
    }

    @Override
    public long droppedValues() {
        return counts.droppedValues.sum();
    }

    @Override
    public synchronized void close() {
        if (streams != null) {
            streams.close();
            streams = null;
        }
    }
}
