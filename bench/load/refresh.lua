-- Refreshes the sessions of a file. A refresh token works once, so the next request of a session has
-- the token of its last response. There are more sessions than connections.
dofile(os.getenv('BENCH_LOAD') .. '/report.lua')

local tokens, first, last, count = {}, 1, 0, 0

local function add(token)
  last = last + 1
  tokens[last] = token
end

function init(args)
  for token in assert(io.open(args[1], 'rb')):read('*a'):gmatch('[^\1]+') do add(token) end
end

function request()
  local body = '{"refresh_token":"' .. tokens[first] .. '"}'
  tokens[first] = nil
  first = first + 1
  count = count + 1
  -- Each address may refresh 120 times a minute.
  return string.format(
    'POST /auth/refresh HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.1.%d.%d\r\n' ..
      'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s',
    count / 256 % 16, count % 256, #body, body)
end

function response(status, headers, body)
  if status == 200 then add(body:match('"refresh_token":"([^"]+)"')) end
end
