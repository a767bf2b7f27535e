/** Asks for a crew in a shell and prints the answer. Each time it is pasted it is a question of its own. */
export function writeAskCommand(botUrl: string, crew: string, secret: string): string {
  const question = JSON.stringify({ title: 'Ship build 42?', text: 'All 312 tests passed.' });
  return `Q=${botUrl}/crews/${crew}/questions/build-$(date +%s)
A='Authorization: Bearer ${secret}'
curl -fsS -X PUT "$Q" -H "$A" -H 'Content-Type: application/json' -d '${question}'
until curl -fsS "$Q?wait=25" -H "$A" | grep -v '"waiting"'; do sleep 1; done
curl -fsS -X PUT "$Q/received" -H "$A"`;
}
