// Compiles the standard library of Go.
import { expect, test } from 'vitest';
import { codeBlocks } from '../support/code-blocks.ts';
import { CASES, resultsOf } from '../support/hash-cases.ts';
import { needs } from '../support/optional.ts';

const [go = ''] = codeBlocks('hash-format.md', 'go');

test('the Go code of docs/hash-format.md verifies the test vectors in NFC, and nothing else', {
  timeout: 240_000,
}, async (context) => {
  needs(context, 'Go 1.24', 'sh', '-c', 'go doc crypto/pbkdf2.Key');
  const main = `package main

import (
	"encoding/json"
	"os"
	"vectors/latchkey"
)

func main() {
	text, _ := os.ReadFile("cases.json")
	var cases [][]any
	if err := json.Unmarshal(text, &cases); err != nil {
		panic(err)
	}
	results := []bool{}
	for _, each := range cases {
		results = append(results, latchkey.Verify(each[0].(string), each[1].(string)))
	}
	json.NewEncoder(os.Stdout).Encode(results)
}
`;
  const files = { 'go.mod': 'module vectors\n\ngo 1.24\n', 'main.go': main, 'latchkey.go': go };
  const command = 'mkdir latchkey && mv latchkey.go latchkey/ && exec go run .';
  // As the page says, Go's standard library has no NFC.
  const inNfc = CASES.map(
    ([password, , matches]) => matches && password.normalize('NFC') === password,
  );
  expect(await resultsOf(files, ['sh', '-c', command])).toEqual(inNfc);
});
