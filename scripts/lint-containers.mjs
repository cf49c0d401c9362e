/**
 * Checks Dockerfile and compose.yaml without a container engine. Prints one line per finding, and exits
 * with code 1 when there are findings.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { validate as validateDockerfile } from 'dockerfile-utils';
import { LineCounter, parseDocument } from 'yaml';

/**
 * @typedef {object} Service
 * @property {Record<string, { condition: string }>} [depends_on]
 * @property {string} [build]
 * @property {object} [healthcheck]
 * @property {string[]} [volumes]
 *
 * @typedef {object} Compose
 * @property {Record<string, Service>} services
 * @property {Record<string, null>} [volumes]
 */

/** @param {string} name relative to the root of the project */
function projectFile(name) {
  return new URL(`../${name}`, import.meta.url);
}

/** @param {string} name relative to the root of the project */
function readProjectFile(name) {
  return readFileSync(projectFile(name), 'utf8');
}

/** Warnings are findings too. */
function lintDockerfile() {
  const diagnostics = validateDockerfile(readProjectFile('Dockerfile'));
  return diagnostics.map(({ range, message }) => {
    const reason = typeof message === 'string' ? message : message.value;
    return `Dockerfile:${range.start.line + 1}: ${reason}`;
  });
}

function lintCompose() {
  const lines = new LineCounter();
  const document = parseDocument(readProjectFile('compose.yaml'), {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
  });
  // Only the first syntax error, because it usually causes the others.
  const [syntaxError] = [...document.errors, ...document.warnings];
  if (syntaxError) {
    return [`compose.yaml:${lines.linePos(syntaxError.pos[0]).line}: ${syntaxError.message}`];
  }

  const compose = document.toJS();
  const deviations = schemaDeviations(compose);
  // References can be resolved only in a file that matches the schema.
  const findings = deviations.length > 0 ? deviations : danglingReferences(compose);
  return findings.map((finding) => `compose.yaml: ${finding}`);
}

/** @param {unknown} compose */
function schemaDeviations(compose) {
  const ajv = new Ajv2020({ allErrors: true, strictTuples: false });
  const validate = ajv.compile(JSON.parse(readProjectFile('scripts/compose.schema.json')));
  validate(compose);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const detail = params.additionalProperty ?? params.allowedValues?.join(', ');
    return `${instancePath || '/'} ${message}${detail === undefined ? '' : ` (${detail})`}`;
  });
}

/**
 * Finds names that are not defined, which a schema cannot do.
 * @param {Compose} compose
 */
function danglingReferences({ services, volumes = {} }) {
  const findings = [];
  for (const [name, service] of Object.entries(services)) {
    for (const [dependency, { condition }] of Object.entries(service.depends_on ?? {})) {
      if (!Object.hasOwn(services, dependency)) {
        findings.push(`${name} depends on ${dependency}, which is not a service`);
      } else if (condition === 'service_healthy' && !hasHealthcheck(services[dependency])) {
        findings.push(`${name} waits for ${dependency}, which has no healthcheck`);
      }
    }
    for (const mount of service.volumes ?? []) {
      const volume = mount.slice(0, mount.indexOf(':'));
      if (volume.startsWith('.')) {
        if (!existsSync(projectFile(volume)))
          findings.push(`${name} mounts ${volume}, which is missing`);
      } else if (!Object.hasOwn(volumes, volume)) {
        findings.push(`${name} mounts ${volume}, which is not declared under volumes`);
      }
    }
  }
  return findings;
}

/**
 * The image that is built from the Dockerfile has one of its own.
 * @param {Service | undefined} service
 */
function hasHealthcheck(service) {
  return Boolean(service?.healthcheck ?? service?.build);
}

const findings = [...lintDockerfile(), ...lintCompose()];
for (const finding of findings) process.stderr.write(`${finding}\n`);
if (findings.length > 0) process.exitCode = 1;
else process.stdout.write('Dockerfile and compose.yaml: OK\n');
