//! `ONCALL`, `ASTREINTE`: who is on call now, and until when.

use crate::watch::draft::Draft;
use crate::watch::name::PersonId;
use crate::watch::notification::Purpose;
use crate::watch::site::PhoneNumber;
use crate::watch::wording::OnCall;

impl Draft<'_> {
    /// A person asks who is on call.
    pub(in crate::watch) fn who_is_on_call(
        &mut self,
        person: &PersonId,
        number: &PhoneNumber,
        schedule: Option<&str>,
    ) {
        let (site, roster, now) = (self.site, self.state.roster(), self.now.utc);
        let asked = match schedule {
            None => None,
            Some(plain) => match self.schedule_called(plain) {
                Some((id, _)) => Some(id),
                None => {
                    let text = self.wording(person).no_such_schedule(plain);
                    self.explain(person, number, text);
                    return;
                }
            },
        };
        if !self.may_ask(number) {
            return;
        }
        let schedules =
            site.schedules.iter().filter(|(id, _)| asked.is_none_or(|asked| asked == *id));
        let on_call: Vec<OnCall<'_>> = schedules
            .map(|(id, schedule)| {
                let schedule = roster.in_force(site, id, schedule);
                let until = schedule.same_until(now);
                OnCall { people: schedule.on_call(now), id, schedule, until }
            })
            .collect();
        let text = self.wording(person).on_call(&on_call);
        self.owe(person, Purpose::Reply, None, text);
    }
}
