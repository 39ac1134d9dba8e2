//! News: who has taken what, in one sentence, to each person once.

use super::{Heard, News};
use crate::watch::alarm::Occurrence;
use crate::watch::wording::Wording;

impl Wording<'_> {
    /// One thing that is told of one occurrence.
    pub(in crate::watch) fn news(&self, open: &Occurrence, news: &News) -> String {
        match news {
            News::Taken(_) => self.taken_by(open),
            News::Confirmed(_) => self.confirmed(open),
            News::Normal => self.back_to_normal(open),
            News::CameBack => self.came_back(open),
            News::Worse => self.got_worse(open),
            News::Late => self.confirmation_late(open),
            News::Expired => self.expired(open),
            News::TestOver => self.test_over(open),
            News::Quietened => {
                self.several_news(&[Heard { news: news.clone(), count: 1, last: open.number }])
            }
            News::Flaps => self.unstable(open),
            News::HappensNoMore => self.happens_no_more(open),
            News::SettledNormal => self.settled_normal(open),
            News::SettledActive => self.settled_active(open),
            News::SettledVoid => self.settled_active_and_void(open),
        }
    }
}

impl News {
    /// Whether the occurrence still stands as the sentence has it.
    pub(super) fn is_true_of(&self, open: &Occurrence) -> bool {
        match self {
            Self::Taken(person) => open.stage.acknowledged_by() == Some(person),
            Self::Confirmed(person) => open.stage.confirmed_by() == Some(person),
            Self::Normal
            | Self::CameBack
            | Self::Worse
            | Self::Late
            | Self::Expired
            | Self::TestOver
            | Self::Quietened
            | Self::Flaps
            | Self::HappensNoMore
            | Self::SettledNormal
            | Self::SettledActive
            | Self::SettledVoid => false,
        }
    }
}
