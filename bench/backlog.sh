#!/bin/sh
# How fast a backlog goes to BigQuery: the strict fake of the tests in one process, BA's delivery in another.
#   bench/backlog.sh [ROWS] [ROUNDS] [ACK_MILLIS] [MODE]
# The fake checks offsets and counts, and keeps no rows. Build first: mvn -q test-compile
set -eu
cd "$(dirname "$0")/.."
rows=${1:-1000000} rounds=${2:-5} delay=${3:-0} mode=${4:-exactly_once}
[ -s target/bench.classpath ] || mvn -q dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/bench.classpath
classes="target/test-classes:target/classes:$(cat target/bench.classpath)"
talk=$(mktemp -d)
mkfifo "$talk/in"
java -Xmx1g -cp "$classes" com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery count delay="$delay" dataset=bench \
    < "$talk/in" > "$talk/out" &
fake=$!
exec 9> "$talk/in"
trap 'exec 9>&-; wait $fake || true; rm -r "$talk"' EXIT
while [ "$(wc -l < "$talk/out")" -lt 2 ]; do sleep 0.1; kill -0 $fake; done
timeout 400 java -Xmx256m -cp "$classes" com.barnebys.analytics.bench.BacklogBenchmark \
    "$(sed -n 1p "$talk/out")" "$(sed -n 2p "$talk/out")" "$rows" "$rounds" "$mode"
