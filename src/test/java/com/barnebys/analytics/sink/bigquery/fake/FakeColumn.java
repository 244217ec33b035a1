package com.barnebys.analytics.sink.bigquery.fake;

import com.google.cloud.bigquery.storage.v1.TableFieldSchema;

/** A column of a table. */
record FakeColumn(String name, FakeType type, boolean isRequired) {

    /** {@code name TYPE} or {@code name TYPE REQUIRED}. */
    static FakeColumn parse(String text) {
        String[] parts = text.trim().split(" +");
        boolean isRequired = parts.length == 3 && parts[2].equals("REQUIRED");
        if (parts.length != 2 && !isRequired) {
            throw new IllegalArgumentException(text + " (expected: name TYPE [REQUIRED])");
        }
        return new FakeColumn(parts[0], FakeType.named(parts[1]), isRequired);
    }

    String mode() {
        return isRequired ? "REQUIRED" : "NULLABLE";
    }

    TableFieldSchema storage() {
        return TableFieldSchema.newBuilder()
                .setName(name)
                .setType(type.storage())
                .setMode(TableFieldSchema.Mode.valueOf(mode()))
                .build();
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return name + " " + type + (isRequired ? " REQUIRED" : "");
    }
}
