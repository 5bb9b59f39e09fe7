import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { comparisonJunit } from '../../../harness/report/formats/comparison-junit.ts';
import { runJunit } from '../../../harness/report/formats/run-junit.ts';
import { suiteJunit } from '../../../harness/report/formats/suite-junit.ts';
import { comparisonOf, flaggedComparison } from '../comparison/fixture.ts';
import { emptyRecord, failingRecord, hostileRecord, passingRecord } from '../fixture.ts';
import { suiteOf } from '../suite/fixture.ts';

const published = readFileSync(new URL('schema/jenkins-junit.xsd', import.meta.url), 'utf8');
const BEFORE = '<xs:element name="skipped" type="xs:string"/>';
// As Jenkins' own has had it since: what all readers show of a skipped case is its message.
const SINCE = `<xs:element name="skipped"><xs:complexType mixed="true">
  <xs:attribute name="type" type="xs:string"/><xs:attribute name="message" type="xs:string"/>
</xs:complexType></xs:element>`;

/** What the schema says against it. */
async function against(xml: string): Promise<string[]> {
  expect(published).toContain(BEFORE);
  const schema = published.replace(BEFORE, SINCE);
  const { errors } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [schema] });
  return errors.map(({ message }) => message);
}

const skipped = { ...passingRecord(), outcome: 'skipped' as const, verdicts: [] };
const files: [string, string][] = [
  ['a run that passes', runJunit(passingRecord(), 'reports/httpd/1')],
  ['a run that fails', runJunit(failingRecord(), 'reports/httpd/1')],
  ['a hostile run', runJunit(hostileRecord(), 'a "folder" & <more>')],
  ['a run of which nothing is known', runJunit(emptyRecord())],
  ['a run that was skipped', runJunit(skipped)],
  ['a suite', suiteJunit(suiteOf(), 'reports/runtimes/suite-1')],
  ['a comparison', comparisonJunit(comparisonOf({ slowdown: 1.2 }))],
  ['a hostile comparison', comparisonJunit(flaggedComparison((text) => `${text}\u001b[2J"&|\n`))],
];

describe('JUnit XML', () => {
  test.each(files)("keeps to Jenkins' schema: %s", async (_, xml) => {
    expect(await against(xml)).toEqual([]);
  });

  test('would be refused with an element or attribute that is none', async () => {
    const [, xml = ''] = files[0] ?? [];
    expect(await against(xml.replace('<testcase ', '<testcase shard="1" '))).toHaveLength(1);
    expect(await against(xml.replaceAll('testcase', 'testcases'))).not.toEqual([]);
  });

  test('tells versions as properties, and names the files of a run where its directory is known', () => {
    const xml = runJunit(passingRecord(), 'reports/httpd/1');
    expect(xml).toContain('<property name="rhel01.criu" value="4.2.1"/>');
    expect(xml).toContain('[[ATTACHMENT|reports/httpd/1/report.html]]');
    expect(runJunit(passingRecord())).not.toContain('ATTACHMENT');
    expect(suiteJunit(suiteOf(), 's')).toMatch(/\[\[ATTACHMENT\|s\/\S+\/report\.html\]\]/);
  });
});
