/**
 * Renders the variants in deploy/kubernetes with kubectl, and checks them without a cluster: the types of
 * all fields, fields that Kubernetes does not know, references to volumes and what pods may do. Prints one
 * line per finding, and exits with code 1 when there are findings.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const require = createRequire(import.meta.url);
const VARIANTS = ['sqlite', 'postgres'];

/** @param {string} variant */
function render(variant) {
  const folder = fileURLToPath(new URL(`../deploy/kubernetes/${variant}`, import.meta.url));
  const yaml = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  return parseAllDocuments(yaml).map((document) => document.toJS());
}

/** Records which fields a validator reads: it reads all that it knows. */
function watch(value, path, read) {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get: (target, key) => {
      const name = `${path}/${String(key)}`;
      read.add(name);
      return watch(Reflect.get(target, key), name, read);
    },
  });
}

function pathsOf(value, path = '') {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const name = `${path}/${key}`;
    return [name].concat(pathsOf(child, name));
  });
}

function schemaFindings(resource) {
  const { apiVersion, kind } = resource;
  const { [kind]: Model } = require(`kubernetes-models/${apiVersion}`);
  const model = new Model(resource);
  const read = new Set();
  try {
    Model.prototype.validate.call(watch(model, '', read));
  } catch (error) {
    return [error.message];
  }
  return pathsOf(resource)
    .filter((path) => !read.has(path))
    .map((path) => `${path} is not a field of ${kind}`);
}

/** What every pod must have: no privileges, limits, and the volumes that it mounts. */
function podFindings({ spec: { template } = {} }) {
  if (!template) return [];
  const { containers, volumes = [], securityContext, automountServiceAccountToken } = template.spec;
  const findings = [];
  if (!securityContext?.runAsNonRoot) findings.push('may run as root');
  if (automountServiceAccountToken !== false) findings.push('gets the token of a service account');
  for (const { name, resources, securityContext: own, volumeMounts = [] } of containers) {
    if (!own?.readOnlyRootFilesystem) findings.push(`${name} may write to its image`);
    if (own?.allowPrivilegeEscalation !== false) findings.push(`${name} may gain privileges`);
    if (!own?.capabilities?.drop?.includes('ALL')) findings.push(`${name} has capabilities`);
    if (!resources?.limits?.memory) findings.push(`${name} has no limit of memory`);
    for (const mount of volumeMounts) {
      const isDeclared = volumes.some((volume) => volume.name === mount.name);
      if (!isDeclared) findings.push(`${name} mounts ${mount.name}, which is not a volume`);
    }
  }
  return findings;
}

if (spawnSync('kubectl', ['version', '--client']).error) {
  process.stdout.write('deploy/kubernetes was not checked: kubectl is not installed\n');
  process.exit();
}

const findings = VARIANTS.flatMap((variant) =>
  render(variant).flatMap((resource) =>
    [...schemaFindings(resource), ...podFindings(resource)].map(
      (finding) => `${variant}, ${resource.kind} ${resource.metadata.name}: ${finding}`,
    ),
  ),
);
for (const finding of findings) process.stderr.write(`${finding}\n`);
if (findings.length > 0) process.exitCode = 1;
else process.stdout.write('deploy/kubernetes: OK\n');
