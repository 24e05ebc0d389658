//! Images for people: loading them, and drawing their views. Natively on a thread of its own, so that a
//! step of a large network delays no preview.

use super::Message;
use super::handle::Mail;
use super::mailbox::Mailbox;
use crate::board::Board;
use crate::samples::{samples, squared};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use supcon_data::{ImageSet, Splits, ViewKey, view_batch};
use supcon_protocol::{
    DataConfig, DataInfo, DataRequest, ErrorReport, Notice, PRESETS, PreviewRequest, PreviewSheet,
    RunConfig, Samples, Split,
};

/// Views drawn for a request, at most.
const MOST_VIEWS: usize = 4_096;
/// Apart from the streams that stages draw views from.
const PREVIEW_STREAM: u32 = 1_002;
/// Example images of a class, and of all classes.
const EXAMPLES: [usize; 2] = [8, 512];

/// Images that were asked for, and where they are from.
#[derive(Clone, Debug)]
pub struct LoadedImages {
    /// The images.
    pub splits: Splits,
    /// What was found, in a sentence.
    pub sentence: String,
}

/// How images are found: at a path natively, among dropped files in the browser.
pub type OpenImages = Arc<dyn Fn(&DataRequest) -> Result<LoadedImages, ErrorReport> + Send + Sync>;

/// Images with the request that they answer.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) request: DataRequest,
    pub(super) splits: Splits,
}

/// A front end's side of the gallery.
#[derive(Clone, Debug, Default)]
pub(super) struct GalleryDesk {
    requests: Mailbox<GalleryRequest>,
    shown: Arc<Mutex<Shown>>,
}

#[derive(Debug, Default)]
struct Shown {
    collection: Option<Arc<Collection>>,
    /// Requests to load that were not served yet.
    loading: usize,
}

#[derive(Debug)]
pub(super) enum GalleryRequest {
    Load(DataRequest),
    Preview(PreviewRequest),
}

impl GalleryDesk {
    pub(super) fn load(&self, request: DataRequest) {
        self.lock().loading += 1;
        self.requests.send(GalleryRequest::Load(request));
    }

    pub(super) fn preview(&self, request: PreviewRequest) {
        self.requests.send(GalleryRequest::Preview(request));
    }

    pub(super) fn close(&self) {
        self.requests.close();
    }

    /// The images, or nothing; and whether others are being loaded.
    pub(super) fn collection(&self) -> (Option<Arc<Collection>>, bool) {
        let shown = self.lock();
        (shown.collection.clone(), shown.loading > 0)
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves the requests of a desk.
pub(super) struct Gallery {
    desk: GalleryDesk,
    board: Board,
    open: OpenImages,
    /// Hears when images were loaded.
    actor: Mailbox<Message>,
}

impl Gallery {
    pub(super) fn new(mail: &Mail, open: OpenImages) -> Self {
        Self {
            desk: mail.gallery.clone(),
            board: mail.board.clone(),
            open,
            actor: mail.actor.clone(),
        }
    }

    /// Serves until the desk is closed.
    #[cfg(not(target_family = "wasm"))]
    pub(super) async fn serve(self) {
        while let Some(request) = self.desk.requests.next().await {
            self.serve_all(request);
        }
    }

    /// Serves what waits, until nothing does: only then the next request wakes the actor.
    #[cfg(target_family = "wasm")]
    pub(super) fn serve_waiting(&self, context: &mut std::task::Context<'_>) {
        while let std::task::Poll::Ready(Some(request)) = self.desk.requests.poll_next(context) {
            self.serve_all(request);
        }
    }

    /// Serves a request and those behind it; of previews in a row only the last.
    fn serve_all(&self, first: GalleryRequest) {
        let mut requests = vec![first];
        requests.extend(self.desk.requests.take_all());
        let mut requests = requests.into_iter().peekable();
        while let Some(request) = requests.next() {
            match request {
                GalleryRequest::Load(request) => self.load(request),
                GalleryRequest::Preview(request) => {
                    if !matches!(requests.peek(), Some(GalleryRequest::Preview(_))) {
                        self.preview(&request);
                    }
                }
            }
        }
    }

    fn load(&self, request: DataRequest) {
        let opened = check_data(&request.config).and_then(|()| (self.open)(&request));
        let mut shown = self.desk.lock();
        shown.loading -= 1;
        match opened {
            Ok(LoadedImages { splits, sentence }) => {
                let info = data_info(&splits, sentence);
                shown.collection = Some(Arc::new(Collection { request, splits }));
                self.board.answer(Notice::DataLoaded(Box::new(info)));
            }
            Err(report) => self.board.answer(Notice::Failed(report)),
        }
        drop(shown);
        self.actor.send(Message::ImagesLoaded);
    }

    fn preview(&self, request: &PreviewRequest) {
        let (collection, _) = self.desk.collection();
        let drawn = match collection {
            Some(collection) => draw(&collection.splits.train, request),
            None => Err("there are no images to draw views of yet".to_owned()),
        };
        match drawn {
            Ok(sheet) => self.board.answer(Notice::Preview(sheet)),
            Err(message) => self.board.fail(
                message,
                "Load images first, and ask for views of training images within the limits.",
            ),
        }
    }
}

/// Whether a configuration's data section is in range.
fn check_data(config: &DataConfig) -> Result<(), ErrorReport> {
    let run = RunConfig {
        data: config.clone(),
        ..PRESETS[0].config()
    };
    run.check().map_err(|error| ErrorReport::new(&error, None))
}

fn draw(images: &ImageSet, request: &PreviewRequest) -> Result<PreviewSheet, String> {
    let config = RunConfig {
        views: request.views.clone(),
        ..PRESETS[0].config()
    };
    config.check().map_err(|error| error.to_string())?;
    let n_views = request.views.n_views;
    if request.images.len() * n_views > MOST_VIEWS {
        return Err(format!(
            "{} × {n_views} views are more than the {MOST_VIEWS} that are drawn at a time",
            request.images.len()
        ));
    }
    let ids: Vec<usize> = request.images.iter().map(|&id| id as usize).collect();
    if let Some(id) = ids.iter().find(|&&id| id >= images.len()) {
        return Err(format!(
            "there is no training image {id}: they are numbered from 0 to {}",
            images.len().saturating_sub(1)
        ));
    }
    let key = ViewKey {
        seed: request.seed,
        stream: PREVIEW_STREAM,
        epoch: 0,
    };
    let batch = view_batch(images, &ids, &request.views, key);
    let (height, width) = (batch.height, batch.width);
    let bytes = height * width * supcon_data::CHANNELS;
    let mut pixels = Vec::new();
    for image in 0..ids.len() {
        for view in 0..n_views {
            let row = view * ids.len() + image;
            let view = &batch.pixels[row * bytes..][..bytes];
            pixels.extend_from_slice(&squared(view, height, width));
        }
    }
    Ok(PreviewSheet {
        images: request.images.clone(),
        n_views,
        side: height.max(width),
        pixels,
        seed: request.seed,
    })
}

fn data_info(splits: &Splits, sentence: String) -> DataInfo {
    let Splits {
        name,
        train,
        validation,
        test,
    } = splits;
    let mut class_counts = vec![0; train.n_classes()];
    for &label in train.labels() {
        class_counts[label as usize] += 1;
    }
    DataInfo {
        name: name.clone(),
        sentence,
        classes: train.class_names().to_vec(),
        images: [train.len(), validation.len(), test.len()],
        class_counts,
        side: train.height().max(train.width()),
        examples: examples(train),
    }
}

/// The first training images of every class, class by class.
fn examples(train: &ImageSet) -> Samples {
    let [of_class, of_all] = EXAMPLES;
    let each = of_class.min((of_all / train.n_classes().max(1)).max(1));
    let mut of_classes = vec![Vec::new(); train.n_classes()];
    for (id, &label) in train.labels().iter().enumerate() {
        let examples = &mut of_classes[label as usize];
        if examples.len() < each {
            examples.push(id);
        }
    }
    samples(train, Split::Train, &of_classes.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::ViewsConfig;

    fn request(images: Vec<u32>, views: ViewsConfig) -> PreviewRequest {
        PreviewRequest {
            views,
            images,
            seed: 7,
        }
    }

    #[test]
    fn views_come_image_by_image() {
        let splits = supcon_data::shapes::generate(20, 0, 10, 1);
        let sheet = draw(&splits.train, &request(vec![3, 1], ViewsConfig::identity())).unwrap();
        let expected = [splits.train.image(3), splits.train.image(1)].concat();
        assert_eq!((sheet.n_views, sheet.side), (1, 32));
        assert_eq!(sheet.pixels, expected);
        let sheet = draw(&splits.train, &request(vec![3, 1], ViewsConfig::shapes())).unwrap();
        let one = draw(&splits.train, &request(vec![1], ViewsConfig::shapes())).unwrap();
        assert_eq!(sheet.pixels[2 * 32 * 32 * 3..], one.pixels);
        assert_ne!(one.pixels[..32 * 32 * 3], one.pixels[32 * 32 * 3..]);
    }

    #[test]
    fn impossible_previews_are_refused_in_words() {
        let splits = supcon_data::shapes::generate(20, 0, 10, 1);
        let message = |images, views| draw(&splits.train, &request(images, views)).unwrap_err();
        assert!(message(vec![20], ViewsConfig::shapes()).contains("no training image 20"));
        assert!(message(vec![0; 4_000], ViewsConfig::shapes()).contains("4096"));
        let mut views = ViewsConfig::shapes();
        views.crop.scale = [2.0, 3.0];
        assert!(message(vec![0], views).contains("views.crop.scale"));
    }

    #[test]
    fn examples_are_a_few_of_every_class() {
        let splits = supcon_data::shapes::generate(200, 0, 10, 1);
        let info = data_info(&splits, String::new());
        assert_eq!(info.class_counts.iter().sum::<usize>(), 200);
        let labels = &info.examples.labels;
        assert_eq!(labels.len(), 80);
        assert!(labels.is_sorted());
    }
}
