-- Prints the result of a run as one line of JSON.
function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"failedResponses":%d,"socketErrors":%d,"timeouts":%d,' ..
      '"p50Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f}',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write, errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
