-- Sends the requests of a file in turn. "{unique}" becomes a value that no other request has.
dofile(os.getenv('BENCH_LOAD') .. '/report.lua')

local requests, prefix, count = {}, '', 0
local hasUnique = false

function init(args)
  for request in assert(io.open(args[1], 'rb')):read('*a'):gmatch('[^\1]+') do
    requests[#requests + 1] = request
  end
  prefix = args[2]
  local pauseMs = tonumber(args[3])
  if pauseMs > 0 then
    function delay() return pauseMs end
  end
  hasUnique = requests[1]:find('{unique}', 1, true) ~= nil
end

function request()
  local next = requests[count % #requests + 1]
  count = count + 1
  if hasUnique then next = next:gsub('{unique}', prefix .. count) end
  return next
end
