package com.barnebys.analytics.sink.bigquery.fake;

import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What shall go wrong, set by the test. Faults with a count wait for requests they fit, in the order they were added; the
 * others hold until they are changed or all is {@linkplain #clear() cleared}. Tables are named without their dataset. Any
 * thread.
 */
public final class Faults {
    /** How much one AppendRows request may have: documented, and what the client's tests see. */
    static final int REQUEST_BYTES_MAX = 10 * 1024 * 1024;

    /** Calls of the Storage Write API. */
    public enum Call {
        CREATE_STREAM,
        GET_STREAM,
        FINALIZE_STREAM,
        /** The first request of an AppendRows call; the fault ends the call. */
        OPEN_APPEND
    }

    /** Requests to the REST API. */
    public enum Rest {
        DATASET_GET,
        DATASET_INSERT,
        TABLE_LIST,
        TABLE_GET,
        TABLE_INSERT,
        TABLE_PATCH,
        TABLE_DELETE,
        INSERT_ALL
    }

    private final Shots<Call, AppendFault> appends = new Shots<>();
    private final Shots<Call, Status> calls = new Shots<>();
    private final Shots<Rest, RestFault> rests = new Shots<>();

    private volatile @Nullable RandomFaults random;
    private volatile @Nullable Predicate<Map<String, @Nullable Object>> badRow;
    private volatile @Nullable Predicate<Map<String, @Nullable Object>> spoiler;
    private volatile int listedRowsMax = Integer.MAX_VALUE;
    private volatile Duration ackDelay = Duration.ZERO;
    private volatile int requestBytesMax = REQUEST_BYTES_MAX;
    private volatile int schemaLag;
    private volatile int newTableCalls;
    private volatile boolean missingTablesLookForbidden;
    private volatile boolean schemaErrorsEndCall;
    private volatile boolean tellsNoColumns;

    Faults() {}

    /** The next append request. */
    public Faults append(AppendFault fault) {
        return append(null, fault, 1);
    }

    public Faults append(AppendFault fault, int times) {
        return append(null, fault, times);
    }

    public Faults append(@Nullable String table, AppendFault fault, int times) {
        appends.add(null, table, fault, times);
        return this;
    }

    /** Draws for every append request no other fault is waiting for. */
    public Faults random(RandomFaults drawn) {
        random = drawn;
        return this;
    }

    /** The next calls of a kind end with a status. */
    public Faults call(Call kind, Status status, int times) {
        calls.add(kind, null, status, times);
        return this;
    }

    public Faults call(Call kind, String table, Status status, int times) {
        calls.add(kind, table, status, times);
        return this;
    }

    /** The next calls of any kind, with the text that also stands for a missing table. */
    public Faults permissionDenied(int times) {
        calls.add(null, null, Refusal.forbidden("projects/p/datasets/d/tables/t"), times);
        return this;
    }

    public Faults unauthenticated(int times) {
        Status status = Status.UNAUTHENTICATED.withDescription("Request had invalid authentication credentials.");
        calls.add(null, null, status, times);
        return this;
    }

    public Faults createStreamQuota(int times) {
        Status status = Status.RESOURCE_EXHAUSTED.withDescription(
                "Exceeds 'CreateWriteStream requests' quota, status: INSUFFICIENT_TOKENS.");
        return call(Call.CREATE_STREAM, status, times);
    }

    /** The next REST requests of a kind; null: of any. */
    public Faults rest(@Nullable Rest kind, RestFault fault, int times) {
        rests.add(kind, null, fault, times);
        return this;
    }

    public Faults rest(@Nullable Rest kind, String table, RestFault fault, int times) {
        rests.add(kind, table, fault, times);
        return this;
    }

    /** Every answer of AppendRows comes that much later. */
    public Faults ackDelay(Duration delay) {
        ackDelay = delay;
        return this;
    }

    /** These rows get row errors, in insertAll too. */
    public Faults refuseRows(Predicate<Map<String, @Nullable Object>> rows) {
        return refuseRows(rows, Integer.MAX_VALUE);
    }

    /** Likewise, but an answer names only the first few of them. */
    public Faults refuseRows(Predicate<Map<String, @Nullable Object>> rows, int listedMax) {
        listedRowsMax = listedMax;
        badRow = rows;
        return this;
    }

    /** A request with one of these rows is INVALID_ARGUMENT, and nobody says which it was. */
    public Faults refuseRequestsWith(Predicate<Map<String, @Nullable Object>> rows) {
        spoiler = rows;
        return this;
    }

    /** Ends both. */
    public Faults acceptRows() {
        badRow = null;
        spoiler = null;
        listedRowsMax = Integer.MAX_VALUE;
        return this;
    }

    /** A smaller limit for AppendRows. */
    public Faults requestBytesMax(int bytes) {
        requestBytesMax = bytes;
        return this;
    }

    /** From now on AppendRows knows a column added by a patch only after it refused so many requests of the table. */
    public Faults schemaLag(int requests) {
        schemaLag = requests;
        return this;
    }

    /** New columns are known at once, those that were waiting too. */
    public Faults endSchemaLag() {
        return schemaLag(0);
    }

    /** Tables made by REST from now on are not found by their first calls of gRPC and insertAll. */
    public Faults newTablesInvisible(int calls) {
        newTableCalls = calls;
        return this;
    }

    /** Whether gRPC says PERMISSION_DENIED instead of NOT_FOUND where a table is missing. */
    public Faults missingTablesLookForbidden(boolean isForbidden) {
        missingTablesLookForbidden = isForbidden;
        return this;
    }

    /** Whether a writer schema that does not fit ends the call instead of being answered. Nobody knows which it is. */
    public Faults schemaErrorsEndCall(boolean isEnd) {
        schemaErrorsEndCall = isEnd;
        return this;
    }

    /** Whether GetWriteStream leaves the columns out, as if it had not been asked for them. */
    public Faults tellsNoColumns(boolean isSilent) {
        tellsNoColumns = isSilent;
        return this;
    }

    /** Nothing goes wrong any more. */
    public void clear() {
        appends.clear();
        calls.clear();
        rests.clear();
        random = null;
        acceptRows();
        ackDelay = Duration.ZERO;
        requestBytesMax = REQUEST_BYTES_MAX;
        schemaLag = 0;
        newTableCalls = 0;
        missingTablesLookForbidden = false;
        schemaErrorsEndCall = false;
        tellsNoColumns = false;
    }

    AppendFault nextAppend(String table) {
        AppendFault fault = appends.take(Call.OPEN_APPEND, table);
        RandomFaults drawn = random;
        if (fault == null) {
            fault = drawn == null ? AppendFault.NONE : drawn.next();
        }
        return fault;
    }

    /** Throws what the next call of this kind shall end with. */
    void check(Call kind, String table) throws Refusal {
        Status status = calls.take(kind, table);
        if (status != null) {
            throw Refusal.of(status);
        }
    }

    RestFault nextRest(Rest kind, String table) {
        RestFault fault = rests.take(kind, table);
        return fault == null ? RestFault.NONE : fault;
    }

    boolean judgesRows() {
        return badRow != null || spoiler != null;
    }

    boolean refusesRow(Map<String, @Nullable Object> row) {
        Predicate<Map<String, @Nullable Object>> rows = badRow;
        return rows != null && rows.test(row);
    }

    boolean spoilsRequest(Map<String, @Nullable Object> row) {
        Predicate<Map<String, @Nullable Object>> rows = spoiler;
        return rows != null && rows.test(row);
    }

    int listedRowsMax() {
        return listedRowsMax;
    }

    Duration ackDelay() {
        return ackDelay;
    }

    int requestBytesMax() {
        return requestBytesMax;
    }

    int schemaLag() {
        return schemaLag;
    }

    int newTableCalls() {
        return newTableCalls;
    }

    boolean missingTablesLookForbidden() {
        return missingTablesLookForbidden;
    }

    boolean schemaErrorsEndCall() {
        return schemaErrorsEndCall;
    }

    boolean tellsNoColumns() {
        return tellsNoColumns;
    }
}
