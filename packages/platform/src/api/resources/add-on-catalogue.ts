import { findPlan, findService, plansOf, type Service, services } from '../../addons/catalogue.ts';
import { notFound } from '../../contract/platform-error.ts';
import { planShape, serviceShape } from '../../contract/shapes/add-on.ts';
import { list, ok } from '../answer.ts';
import { type Call, type Endpoint, param, signedIn } from '../endpoint.ts';

export const addOnCatalogueEndpoints = (): Endpoint[] => [
  signedIn('GET', '/addon-services', async (call) =>
    list(call.headers.range, services.map(serviceShape), ['name', 'id']),
  ),
  signedIn('GET', '/addon-services/:service', async (call) => ok(serviceShape(serviceOf(call)))),
  signedIn('GET', '/addon-services/:service/plans', async (call) =>
    list(call.headers.range, plansOf(serviceOf(call)).map(planShape), ['name', 'id']),
  ),
  signedIn('GET', '/addon-services/:service/plans/:plan', async (call) => {
    const [service, name] = [serviceOf(call), param(call, 'plan')];
    const plan = findPlan(name.includes(':') ? name : `${service.name}:${name}`) ?? findPlan(name);
    if (plan === undefined || plan.service.id !== service.id) throw notFound('plan');
    return ok(planShape(plan));
  }),
];

const serviceOf = (call: Call): Service => {
  const service = findService(param(call, 'service'));
  if (service === undefined) throw notFound('add_on_service', "Couldn't find that add-on service.");
  return service;
};
