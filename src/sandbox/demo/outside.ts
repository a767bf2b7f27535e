/** Writes shell commands that ask for a crew and print the answer. The question's id has the time: each run asks anew. */
export function writeAskCommand(botUrl: string, crew: string, secret: string): string {
  const question = JSON.stringify({ title: 'Ship build 42?', text: 'All 312 tests passed.' });
  return `Q=${botUrl}/crews/${crew}/questions/build-$(date +%s)
A='Authorization: Bearer ${secret}'
curl -fsS -X PUT "$Q" -H "$A" -H 'Content-Type: application/json' -d '${question}'
until curl -fsS "$Q?wait=25" -H "$A" | grep -v '"waiting"'; do sleep 1; done
curl -fsS -X PUT "$Q/received" -H "$A"`;
}
