/** The words of the screen in English: handling, maintenance, reports, roster. */
import type { WorkKey } from './work.zh-CN.ts'

export const workEn: Readonly<Record<WorkKey, string>> = {
  roster: 'Roster',
  drills: 'Drills',
  maintenance: 'Maintenance',
  maintenance_plan: 'Plan maintenance',
  maintenance_hint: 'Choose a zone or a device (at least one). Meanwhile its alerts call nobody; a patrol looks instead.',
  maintenance_owner: 'Owner',
  for_minutes: 'For how many minutes',
  device_or_camera: 'Device or camera',
  patrol_unit: 'Unit that patrols instead',
  patrol_every: 'A round every … minutes',
  maintenance_none: 'Nothing is under maintenance',
  maintenance_open: 'under maintenance',
  maintenance_planned: 'not begun',
  maintenance_end: 'Back in service',
  maintenance_cancel: 'Cancel it',
  maintenance_ended: 'Ended maintenance ({n})',
  ends_in: '{time} left',
  owned_by: 'Owner: {owner}',
  patrol_says: '{unit} makes a round every {n} min',
  round_due: 'round due by {time}',
  round_report: 'Round made, all well',
  rounds_made: 'rounds: {n}, the last {ago}',
  rounds_missed: 'rounds missed: {n}',
  reports: 'Reports',
  report_title: 'Report something',
  report_hint: 'Several people who say the same of one place become an alert. To call people at once, use “Report incident”.',
  report_kept: 'Your report has been received',
  reports_newest: 'the newest {ago}; open to read',
  reports_none: 'Nobody has reported anything yet'
}
