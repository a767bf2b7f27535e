set -eu
BOT=${BOT_URL:-http://localhost:3000} CREW=deploys ID=deploy-42

curl -fsS -X PUT "$BOT/crews/$CREW/questions/$ID" \
  -H "Authorization: Bearer $ASK_SECRET" -H 'Content-Type: application/json' \
  -d '{
    "title": "Ship build 42?",
    "text": "All 312 tests passed. Two **migrations** run first.",
    "options": [
      {"id": "ship", "label": "Ship it", "style": "primary"},
      {"id": "hold", "label": "Hold"}
    ]
  }'

while :; do
  code=$(curl -sS -o answer.json -w '%{http_code}' "$BOT/crews/$CREW/questions/$ID?wait=25" \
    -H "Authorization: Bearer $ASK_SECRET") || code=0
  case $code in
    200) grep -q '"status":"waiting"' answer.json || break ;;
    0 | 000 | 429 | 503) sleep 1 ;; # the bot is not there: it is asked again
    *) cat answer.json >&2; exit 1 ;;
  esac
done
curl -fsS -X PUT "$BOT/crews/$CREW/questions/$ID/received" -H "Authorization: Bearer $ASK_SECRET"
