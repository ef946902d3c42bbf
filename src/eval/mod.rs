//! Evaluates whether answers are worth reading: measurements of a run's result, and a judge's
//! preference between two answers. Pure functions over events and texts.

mod answer;
mod judge;
mod language;
mod measure;
mod overlap;
mod report;

pub use answer::{Answer, Section};
pub use judge::{Choice, Judgement, Opinion, Preferred, Verdict, Wording, plain, question, read};
pub use language::{length, spoken, tagged};
pub use measure::{Measures, Quotations, SectionMeasures, Time, Unit};
pub use overlap::{Overlap, Pair, overlap};
pub use report::{Against, Report, Score, Sum, TextReport};
