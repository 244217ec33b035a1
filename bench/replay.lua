-- wrk: replays the file named by BENCH_TARGETS (targets.py), and prints its figures as one JSON line.
local requests, count, at = {}, 0, 0

function init()
  for line in io.lines(os.getenv("BENCH_TARGETS")) do
    local target, agent, cookie = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)$")
    count = count + 1
    requests[count] = wrk.format("GET", target, {
      ["Host"] = wrk.headers["Host"], ["User-Agent"] = agent, ["Cookie"] = cookie,
      ["Accept"] = "image/avif,image/webp,*/*;q=0.8", ["Accept-Language"] = "en-GB,en;q=0.8",
      ["Accept-Encoding"] = "gzip, deflate, br", ["Referer"] = "https://www.example.org/" })
  end
end

-- BENCH_PAUSE: milliseconds each connection waits before its next request, for a load below the limit.
local pause = tonumber(os.getenv("BENCH_PAUSE") or "0")
if pause > 0 then
  function delay() return pause end
end

function request()
  at = at % count + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\nJSON {"requests":%d,"micros":%d,"errors":%d,"status":%d,"p50":%d,"p99":%d,"p999":%d}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.timeout, e.status,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
