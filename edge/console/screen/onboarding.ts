/** What waits to be let in, and what may be chosen: asked again whenever something about devices has happened. */
import { shallowRef } from 'vue'
import type { IssuedShape, OnboardingShape } from '../onboarding-shape.ts'
import type { DeviceShape } from '../shapes.ts'
import { act } from './actions.ts'
import { ask } from './api.ts'
import { devices } from './store.ts'

export const onboarding = shallowRef<OnboardingShape>()

export const loadOnboarding = async (): Promise<void> => {
  const answer = await ask<OnboardingShape>('GET', '/api/onboarding')
  if ('data' in answer) onboarding.value = answer.data
}
const loadDevices = async (): Promise<void> => {
  const answer = await ask<DeviceShape[]>('GET', '/api/devices')
  if ('data' in answer) devices.replace(answer.data)
}

/** The answer of the station, or nothing: then the person has been told why. */
export const onDevices = async <Data = IssuedShape>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown
): Promise<Data | undefined> => {
  const answer = await act<Data>(method, `/api/devices${path}`, body)
  await Promise.all([loadOnboarding(), loadDevices()])
  return answer
}
